// SPDX-License-Identifier: Apache-2.0
#include "metrics/names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace scanhost::metrics {
namespace {

bool letter(char one) noexcept {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one == '_';
}
bool digit(char one) noexcept { return one >= '0' && one <= '9'; }

struct utf8_form {
  std::size_t length;    // bytes; 0: no first byte of a character
  std::uint32_t value;   // the bits in the first byte
  std::uint32_t lowest;  // smallest character that needs this length
};

utf8_form form_of(unsigned char first) noexcept {
  if (first < 0x80) return {1, first, 0};
  if (first >= 0xC2 && first < 0xE0) return {2, first & 0x1FU, 0x80};
  if (first >= 0xE0 && first < 0xF0) return {3, first & 0x0FU, 0x800};
  if (first >= 0xF0 && first < 0xF5) return {4, first & 0x07U, 0x10000};
  return {0, 0, 0};
}

// The length of the character at the front; 0: there is none.
std::size_t character(std::string_view text) noexcept {
  const auto form = form_of(static_cast<unsigned char>(text.front()));
  if (form.length == 0 || form.length > text.size()) return 0;
  auto value = form.value;
  for (const char byte : text.substr(1, form.length - 1)) {
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80) return 0;
    value = value << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value < form.lowest || value > 0x10FFFF || surrogate ? 0 : form.length;
}

}  // namespace

bool valid_metric_name(std::string_view name) noexcept {
  const auto allowed = [](char one) { return letter(one) || digit(one) || one == ':'; };
  return !name.empty() && !digit(name.front()) && std::all_of(name.begin(), name.end(), allowed);
}

bool valid_label_name(std::string_view name) noexcept {
  const auto allowed = [](char one) { return letter(one) || digit(one); };
  return !name.empty() && !digit(name.front()) && !name.starts_with("__") &&
         std::all_of(name.begin(), name.end(), allowed);
}

bool valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto length = character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string escaped_help(std::string_view help) {
  std::string line;
  for (const char one : help) {
    if (one == '\n')
      line += "\\n";
    else if (one == '\\')
      line += "\\\\";
    else
      line += one;
  }
  return line;
}

}  // namespace scanhost::metrics
