// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before the next attempt to connect: exponential, with jitter. Pure.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace scanhost::store {

class back_off {
 public:
  static constexpr base::milliseconds first{50};
  // With the time to connect and to log in, a client goes on within 2 s of the server's return.
  static constexpr base::milliseconds longest{1500};

  // The next wait. `random`: in [0, 1). Between half the step and the step, so that many clients of
  // one server do not come back in one instant.
  base::milliseconds next(double random) noexcept {
    const auto step = step_;
    step_ = std::min(step_ * 2, longest);
    return base::milliseconds(
        static_cast<base::milliseconds::rep>(static_cast<double>(step.count()) * (0.5 + 0.5 * random)));
  }

  void reset() noexcept { step_ = first; }

 private:
  base::milliseconds step_ = first;
};

}  // namespace scanhost::store
