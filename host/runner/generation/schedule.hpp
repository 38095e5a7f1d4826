// SPDX-License-Identifier: Apache-2.0
//
// When the next cycle starts. Pure: it is told the time and answers with a time.
#pragma once

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
  void started(base::steady_time now) noexcept { next_start_ = now + interval_; }

  // At once, ahead of time; after the cycle that is under way, if there is one.
  void bring_forward(base::steady_time now) noexcept;

  // Not before `earliest`: a scanner that is backing off.
  void hold_until(base::steady_time earliest) noexcept;

 private:
  base::milliseconds interval_;
  base::steady_time next_start_;
};

// How long scanner `index` of `count` waits before its first cycle, so that they do not move in step:
// spread over one interval, at most one second.
base::milliseconds first_delay(std::size_t index, std::size_t count, base::milliseconds interval) noexcept;

}  // namespace scanhost::runner
