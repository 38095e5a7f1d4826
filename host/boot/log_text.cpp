// SPDX-License-Identifier: Apache-2.0
#include "boot/log_text.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace scanhost::boot {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// Calls `append` for each character, and for the replacement where there is none.
template <class Append>
std::string transform(std::string_view message, Append append) {
  std::string text;
  text.reserve(message.size());
  std::size_t at = 0;
  while (at < message.size() && at < max_log_message) {
    const auto length = base::utf8_character(message.substr(at));
    append(text, length == 0 ? replacement : message.substr(at, length));
    at += length == 0 ? 1 : length;
  }
  if (at < message.size()) text += fmt::format(" ... ({} more bytes)", message.size() - at);
  return text;
}

bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character.front());
  return first < 0x20 || first == 0x7f;
}

}  // namespace

std::string json_log_text(std::string_view message) {
  return transform(message, [](std::string& text, std::string_view character) {
    if (character == "\"" || character == "\\") {
      text += '\\';
      text += character;
    } else if (is_control(character)) {
      text += fmt::format("\\u{:04x}", static_cast<unsigned char>(character.front()));
    } else {
      text += character;
    }
  });
}

std::string human_log_text(std::string_view message) {
  return transform(message, [](std::string& text, std::string_view character) {
    const bool shown = !is_control(character) || character == "\n" || character == "\t";
    text += shown ? character : "?";
  });
}

}  // namespace scanhost::boot
