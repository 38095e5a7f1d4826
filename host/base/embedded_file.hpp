// SPDX-License-Identifier: Apache-2.0
//
// A file of the source tree that is built into the program (scanhost_embed in host/CMakeLists.txt).
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace scanhost::base {

struct embedded_file {
  std::string_view path;  // from the folder that was embedded: "cpp/CMakeLists.txt"
  std::string_view text;
};

// The text of the file at that path. Throws std::logic_error: it was not embedded.
inline std::string_view text_at(std::span<const embedded_file> files, std::string_view path) {
  for (const auto& file : files)
    if (file.path == path) return file.text;
  throw std::logic_error(std::string(path).append(": was not embedded"));
}

// Puts `text` in the place of the first such tag of the template. Throws std::logic_error: there is none.
inline void fill_in(std::string& frame, std::string_view tag, std::string_view text) {
  const auto at = frame.find(tag);
  if (at == std::string::npos) throw std::logic_error(std::string("no place for ").append(tag));
  frame.replace(at, tag.size(), text);
}

}  // namespace scanhost::base
