// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before the next attempt to connect: exponential back-off with jitter. Pure.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace scanhost::store {

class back_off {
 public:
  static constexpr base::milliseconds first{50};
  // Including the time to connect and log in, a client is back within 2 s after the server.
  static constexpr base::milliseconds max_wait{1500};

  // The next wait. `random`: in [0, 1), the jitter: between half the step and the step, so that the clients
  // of one server do not all come back at the same moment.
  base::milliseconds next(double random) noexcept {
    const auto step = step_;
    step_ = std::min(step_ * 2, max_wait);
    return base::milliseconds(
        static_cast<base::milliseconds::rep>(static_cast<double>(step.count()) * (0.5 + 0.5 * random)));
  }

  void reset() noexcept { step_ = first; }

 private:
  base::milliseconds step_ = first;
};

}  // namespace scanhost::store
