// SPDX-License-Identifier: Apache-2.0
#include "runner/record/throttle.hpp"

#include <utility>

namespace scanhost::runner {

throttle::decision throttle::decide(base::steady_time now) noexcept {
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    written_ = 0;
  }
  if (written_ >= limit_) {
    ++left_out_;
    return {};
  }
  ++written_;
  return {true, std::exchange(left_out_, 0)};
}

}  // namespace scanhost::runner
