// SPDX-License-Identifier: Apache-2.0
//
// Random texts for unique names, and bytes as hexadecimal.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace scanhost::base {

inline std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

// 8 hexadecimal digits.
inline std::string random_text() {
  std::random_device device;
  const auto value = static_cast<std::uint32_t>(device());
  const unsigned char bytes[] = {static_cast<unsigned char>(value >> 24U),
                                 static_cast<unsigned char>(value >> 16U),
                                 static_cast<unsigned char>(value >> 8U), static_cast<unsigned char>(value)};
  return to_hex(bytes);
}

}  // namespace scanhost::base
