// SPDX-License-Identifier: Apache-2.0
//
// The steady clock, read once for several calls of the plugin: what is measured with it is coarse, and a
// reading costs about as much as the rest of a call.
#pragma once

#include "base/clock.hpp"

namespace scanhost::runner {

class coarse_clock {
 public:
  static constexpr unsigned calls_per_reading = 8;

  base::steady_time now() const noexcept { return now_; }
  void read() noexcept {
    now_ = base::steady::now();
    calls_ = 1;
  }
  // A call of the plugin begins.
  void count_call() noexcept {
    if (calls_++ % calls_per_reading == 0) now_ = base::steady::now();
  }

 private:
  base::steady_time now_{};
  unsigned calls_ = 0;
};

}  // namespace scanhost::runner
