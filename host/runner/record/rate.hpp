// SPDX-License-Identifier: Apache-2.0
//
// Events per second over about the last ten seconds. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"

namespace scanhost::runner {

class rate {
 public:
  void add(std::uint64_t events, base::steady_time now) noexcept;
  double per_second(base::steady_time now) const noexcept;

 private:
  static constexpr std::int64_t window = 10;  // whole seconds looked back on, besides the current one
  struct second_count {
    std::int64_t second = -1;
    std::uint64_t events = 0;
  };
  std::array<second_count, window + 1> seconds_{};
};

}  // namespace scanhost::runner
