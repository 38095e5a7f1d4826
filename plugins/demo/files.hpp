// SPDX-License-Identifier: Apache-2.0
//
// Files of the demo: its temporary directory, and looking for programs and plugins.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::demo {

// A directory for this user alone (0700), removed with all that is in it unless it is to be kept.
class temporary_directory {
 public:
  temporary_directory();  // throws problem
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory();

  const std::filesystem::path& path() const noexcept { return path_; }
  void keep() noexcept { keep_ = true; }

 private:
  std::filesystem::path path_;
  bool keep_ = false;
};

std::optional<std::filesystem::path> find_in_path(std::string_view program);
std::filesystem::path own_folder();  // of this program's file

// The names of the plugins in a folder: its .so files without the suffix, sorted.
std::vector<std::string> plugins_in(const std::filesystem::path& folder);

std::string content_of(const std::filesystem::path& file);  // empty when it cannot be read
std::string tail_of(const std::filesystem::path& file);     // its last lines, for a message
void write_file(const std::filesystem::path& file, std::string_view content);  // throws problem

}  // namespace scanhost::demo
