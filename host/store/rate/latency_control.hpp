// SPDX-License-Identifier: Apache-2.0
//
// The closed loop behind `target_latency`: how many commands a second may go to a server whose latency is to
// stay below a target. It judges the measurements in windows. As soon as more of them are above the target
// than a window may have, though not before its first fifth, the limit falls in proportion to the excess, at
// most to a half; if a window ends before, it rises: after a fall by a twentieth, then by two, up to a
// quarter. So it falls within a tenth of a second or two, and what it rises to was seen to be kept for half a
// one.
//
// A limit that is not used says nothing about the server: it rises only if commands had to wait for it, and
// not far above what was sent; it falls from there, and only if something was. Pure.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "store/rate/latency_window.hpp"

namespace scanhost::store {

class latency_control {
 public:
  // Begins at min_commands_per_s. Precondition: there is a target.
  explicit latency_control(const config::rate_settings& settings) noexcept;

  double commands_per_s() const noexcept { return limit_; }

  // So many commands go; `waited`: not at once.
  void note_use(std::size_t commands, bool waited) noexcept;

  // A measurement. One that comes long after the last begins a window.
  void add(std::chrono::microseconds latency, base::steady_time now) noexcept;

 private:
  void begin_window(base::steady_time now, double sent_before) noexcept;
  double sent_per_s(base::steady_time now) const noexcept;

  const std::chrono::microseconds target_;
  const double min_;
  const double max_;
  double limit_;
  latency_window window_;
  double rise_;  // of the limit, at the end of the window
  base::steady_time began_{};
  base::steady_time last_{};  // measurement
  double sent_ = 0;           // commands in this window
  double sent_before_ = 0;    // commands a second in the window before
  bool is_needed_ = false;    // in this window
};

}  // namespace scanhost::store
