// SPDX-License-Identifier: Apache-2.0
//
// Keeps a flood of log lines readable.
#include "runner/record/throttle.hpp"

#include <utility>

namespace scanhost::runner {

throttle::verdict throttle::line(base::steady_time now) noexcept {
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    written_ = 0;
  }
  if (written_ >= limit_) {
    ++left_out_;
    return {};
  }
  ++written_;
  return {true, take_left_out()};
}

std::uint64_t throttle::take_left_out() noexcept { return std::exchange(left_out_, 0); }

}  // namespace scanhost::runner
