// SPDX-License-Identifier: Apache-2.0
#include "base/escaped.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/utf8.hpp"

namespace scanhost::base {
namespace {

// U+0000 to U+001F and U+007F to U+009F: terminals obey the second range as well.
bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<std::uint8_t>(character.front());
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;
}

std::optional<char> escaped_byte(std::string_view text) noexcept {
  if (text.size() < 4 || text.substr(0, 2) != "\\x") return std::nullopt;
  unsigned value = 0;
  const auto* end = text.data() + 4;
  const auto read = std::from_chars(text.data() + 2, end, value, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace

std::string escaped(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto length = utf8_character(bytes);
    const auto part = bytes.substr(0, std::max<std::size_t>(length, 1));
    bytes.remove_prefix(part.size());
    if (part == "\\")
      text += "\\\\";
    else if (length > 0 && !is_control(part))
      text += part;
    else
      for (const char byte : part)
        fmt::format_to(std::back_inserter(text), "\\x{:02x}", static_cast<std::uint8_t>(byte));
  }
  return text;
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const auto byte = escaped_byte(text);
    const bool doubled = text.starts_with("\\\\");
    bytes += byte.value_or(text.front());
    text.remove_prefix(byte ? 4 : doubled ? 2 : 1);
  }
  return bytes;
}

}  // namespace scanhost::base
