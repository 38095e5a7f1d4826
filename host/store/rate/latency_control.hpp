// SPDX-License-Identifier: Apache-2.0
//
// The closed loop behind `target_latency`: how many commands a second may go to a server whose latency is to
// stay below a target. It is asked once per window of measurements. Above the target the limit falls at
// once, in proportion to the excess, at most to a half; below it rises by a twentieth, and by a quarter until
// it has fallen for the first time. It rises only while commands had to wait for it: a limit that nobody
// needed says nothing about the server. Pure.
#pragma once

#include <chrono>

#include "config/settings.hpp"

namespace scanhost::store {

class latency_control {
 public:
  // Begins at min_commands_per_s. Precondition: there is a target.
  explicit latency_control(const config::rate_settings& settings) noexcept;

  double commands_per_s() const noexcept { return limit_; }

  // `latency`: of the window that has ended. `was_needed`: commands waited for the limit meanwhile.
  void adapt(std::chrono::microseconds latency, bool was_needed) noexcept;

 private:
  const double target_us_;
  const double min_;
  const double max_;
  double limit_;
  bool has_fallen_ = false;
};

}  // namespace scanhost::store
