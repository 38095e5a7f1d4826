// SPDX-License-Identifier: Apache-2.0
//
// How many commands a second may go to the store: a fixed number, or what keeps its latency below a target.
// Whoever wants to send reserves a moment for a part of a batch, in the order of asking; so several scanners
// share it fairly, and none that is busy elsewhere holds up the others. Unused time is kept for a short burst
// only.
//
// The parts of a closed loop are small, an eighth of its target's worth: a server carries out what it has
// read from one connection before it turns to the next, so a whole batch at once would make its other clients
// wait, however low the rate.
//
// Thread safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "store/rate/latency_control.hpp"

namespace scanhost::store {

class rate_limiter {
 public:
  // Precondition: the settings have a limit.
  explicit rate_limiter(const config::rate_settings& settings);

  // How many of `count` commands may go together; at least 1. Precondition: count >= 1.
  std::size_t part_of(std::size_t count, base::steady_time now) const;

  // When so many commands may go; not after `now`: at once.
  base::steady_time reserve(std::size_t count, base::steady_time now);

  // A measurement of the store. Of no effect on a fixed number.
  void take_latency(std::chrono::microseconds latency, base::steady_time now);

  // Whether somebody has asked lately, or waits.
  bool is_in_use(base::steady_time now) const;

  double commands_per_s() const;
  const std::optional<std::chrono::microseconds>& target_latency() const noexcept { return target_; }

 private:
  double limit() const noexcept { return control_ ? control_->commands_per_s() : fixed_; }
  base::steady::duration span_of(double commands) const noexcept;

  const std::optional<std::chrono::microseconds> target_;
  const double fixed_;
  const base::steady::duration part_;   // a part is what may go in this time
  const base::steady::duration burst_;  // unused time that is kept

  mutable std::mutex mutex_;
  std::optional<latency_control> control_;
  base::steady_time next_{};  // from here on nothing is reserved
  base::steady_time used_{};  // last
};

}  // namespace scanhost::store
