// SPDX-License-Identifier: Apache-2.0
//
// Repeatable chance (splitmix64): the same seed gives the same records, at the writing and at the check.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace scanhost::demo {

class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t roll() noexcept {  // any 64 bits
    state_ += 0x9E3779B97F4A7C15ULL;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
  }
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {  // inclusive
    if (high <= low) return low;
    return low + static_cast<std::int64_t>(roll() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool one_in(std::int64_t chances) noexcept { return between(1, chances) == 1; }
  std::string_view pick(std::span<const std::string_view> choices) noexcept {
    return choices[roll() % choices.size()];
  }
  std::string hex(std::size_t digits) {
    std::string text;
    for (std::uint64_t bits = 0; text.size() < digits; bits >>= 4) {
      if (text.size() % 16 == 0) bits = roll();
      text += "0123456789abcdef"[bits & 15];
    }
    return text;
  }
  std::string uuid() {
    auto text = hex(36);
    for (const std::size_t dash : {8, 13, 18, 23}) text[dash] = '-';
    text[14] = '4';
    text[19] = "89ab"[roll() & 3];
    return text;
  }

 private:
  std::uint64_t state_;
};

}  // namespace scanhost::demo
