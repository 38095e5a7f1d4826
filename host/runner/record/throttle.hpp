// SPDX-License-Identifier: Apache-2.0
//
// Keeps a flood of log lines readable: at most so many per second, then one line that says how many were left
// out. Pure.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace scanhost::runner {

class throttle {
 public:
  explicit throttle(std::uint32_t lines_per_second) noexcept : limit_(lines_per_second) {}

  struct decision {
    bool write = false;
    std::uint64_t left_out = 0;  // lines to report as left out before this one
  };
  decision decide(base::steady_time now) noexcept;

 private:
  std::uint32_t limit_;
  std::uint32_t written_ = 0;
  std::uint64_t left_out_ = 0;
  base::steady_time second_{};
};

}  // namespace scanhost::runner
