// SPDX-License-Identifier: Apache-2.0
//
// When the next cycle starts, and how long a scanner that failed waits for its restart. Pure.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.hpp"

namespace scanhost::runner {

class schedule {
 public:
  schedule(base::milliseconds interval, base::steady_time first_start) noexcept;

  // The moment at which the next cycle should start; a moment in the past: at once.
  base::steady_time next_start() const noexcept { return next_start_; }
  bool due(base::steady_time now) const noexcept { return now >= next_start_; }

  // A cycle starts now: the next one is due one interval later, however long this one takes.
  void begin_cycle(base::steady_time now) noexcept { next_start_ = now + interval_; }

  // At once, ahead of time; after the cycle that is under way, if there is one.
  void bring_forward(base::steady_time now) noexcept;

 private:
  base::milliseconds interval_;
  base::steady_time next_start_;
};

// How long scanner `index` of `count` waits before its first cycle, so that they do not move in step:
// spread over one interval, at most one second.
base::milliseconds first_delay(std::size_t index, std::size_t count, base::milliseconds interval) noexcept;

// How long a scanner that failed waits before its instance is recreated: 1 s, doubling to 30 s; after a good
// cycle it is 1 s again.
class restart_wait {
 public:
  static constexpr base::milliseconds min_wait{1000};
  static constexpr base::milliseconds max_wait{30'000};

  // The scanner failed: how long to wait this time.
  base::milliseconds next() noexcept {
    const auto wait = next_;
    next_ = std::min(next_ * 2, max_wait);
    return wait;
  }
  void reset() noexcept { next_ = min_wait; }

 private:
  base::milliseconds next_ = min_wait;
};

}  // namespace scanhost::runner
