// SPDX-License-Identifier: Apache-2.0
//
// Repeatable chance (splitmix64): the same seed gives the same records, when they are written and when they
// are checked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace scanhost::demo {

class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t roll() noexcept;                                       // any 64 bits
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept;  // inclusive
  bool one_in(std::int64_t chances) noexcept { return between(1, chances) == 1; }
  std::string uuid();
  std::string hex(std::size_t digits);
  std::string_view pick(std::span<const std::string_view> choices) noexcept {
    return choices[roll() % choices.size()];
  }

 private:
  std::uint64_t state_;
};

}  // namespace scanhost::demo
