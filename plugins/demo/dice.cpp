// SPDX-License-Identifier: Apache-2.0
#include "dice.hpp"

namespace scanhost::demo {

std::uint64_t dice::roll() noexcept {
  state_ += 0x9E3779B97F4A7C15ULL;
  auto mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

std::int64_t dice::between(std::int64_t low, std::int64_t high) noexcept {
  if (high <= low) return low;
  return low + static_cast<std::int64_t>(roll() % static_cast<std::uint64_t>(high - low + 1));
}

std::string dice::hex(std::size_t digits) {
  static constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text(digits, '0');
  for (std::size_t at = 0; at < digits;) {
    for (auto bits = roll(); at < digits; bits >>= 4) {
      text[at++] = alphabet[bits & 15];
      if (at % 16 == 0) break;
    }
  }
  return text;
}

std::string dice::uuid() {
  auto text = hex(36);
  for (const auto dash : {8, 13, 18, 23}) text[static_cast<std::size_t>(dash)] = '-';
  text[14] = '4';
  text[19] = "89ab"[roll() & 3];
  return text;
}

}  // namespace scanhost::demo
