// SPDX-License-Identifier: Apache-2.0
//
// Checks for UTF-8, which configuration, JSON and metrics must be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace scanhost::base {

// The length in bytes of the first character of a text that is not empty; 0: it is not UTF-8.
constexpr std::size_t utf8_character(std::string_view text) noexcept {
  struct form {
    std::uint8_t mask, lead;  // first byte: (byte & mask) == lead
    std::uint32_t lowest;     // smallest character that needs this length
  };
  constexpr form forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
  const auto first = static_cast<std::uint8_t>(text.front());
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    const auto& pattern = forms[length - 1];
    if ((first & pattern.mask) != pattern.lead) continue;
    std::uint32_t value = first & static_cast<std::uint8_t>(~pattern.mask);
    for (const char next : text.substr(1, length - 1)) {
      if ((static_cast<std::uint8_t>(next) & 0xC0U) != 0x80) return 0;
      value = value << 6U | (static_cast<std::uint8_t>(next) & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < pattern.lowest || value > 0x10FFFF || surrogate ? 0 : length;
  }
  return 0;
}

// The offset of the first byte that is not UTF-8, or the size of the text.
constexpr std::size_t first_not_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = utf8_character(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

constexpr bool valid_utf8(std::string_view text) noexcept { return first_not_utf8(text) == text.size(); }

// Whether a character breaks a line or the display of it: control characters, line separators, and what turns
// the direction of writing. Precondition: one character of UTF-8.
constexpr bool disturbs_a_line(std::string_view character) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(character[at]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() != 3 || byte(0) != 0xe2) return false;
  return (byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||
         (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9);
}

// Whether a text is one line of UTF-8 that any terminal can show.
constexpr bool is_one_line(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto size = utf8_character(text);
    if (size == 0 || disturbs_a_line(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  return true;
}

// The beginning of a text, at most `max_size` bytes, which splits no character.
constexpr std::string_view utf8_prefix(std::string_view text, std::size_t max_size) noexcept {
  if (text.size() <= max_size) return text;
  // At most three bytes follow the first of a character; more are no UTF-8, and are cut anywhere.
  auto size = max_size;
  const auto least = max_size < 3 ? 0 : max_size - 3;
  while (size > least && (static_cast<std::uint8_t>(text[size]) & 0xC0U) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace scanhost::base
