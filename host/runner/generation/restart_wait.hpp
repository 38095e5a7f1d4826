// SPDX-License-Identifier: Apache-2.0
//
// How long a scanner that failed waits before it is made anew: 1 s, doubling to 30 s; a good cycle starts
// over. Pure.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace scanhost::runner {

class restart_wait {
 public:
  static constexpr base::milliseconds shortest{1000};
  static constexpr base::milliseconds longest{30'000};

  // It failed: how long to wait this time.
  base::milliseconds failed() noexcept {
    const auto wait = next_;
    next_ = std::min(next_ * 2, longest);
    return wait;
  }
  void succeeded() noexcept { next_ = shortest; }

 private:
  base::milliseconds next_ = shortest;
};

}  // namespace scanhost::runner
