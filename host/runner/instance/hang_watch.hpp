// SPDX-License-Identifier: Apache-2.0
//
// Sees that a thread has been inside one call of a plugin for too long. The thread only counts; the
// watcher reads the clock, so that a call does not have to.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace scanhost::runner {

// Written by the scanner's thread, read by the watcher. Odd: inside a call.
class call_count {
 public:
  void enter() noexcept { value_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept { value_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Pure.
class hang_watch {
 public:
  explicit hang_watch(base::milliseconds max_time) noexcept : max_time_(max_time) {}

  // True when the call that was under way at an earlier call of this is still under way after `max_time`.
  bool hangs(std::uint64_t call_count, base::steady_time now) noexcept {
    if (call_count != seen_) {
      seen_ = call_count;
      since_ = now;
      return false;
    }
    return seen_ % 2 == 1 && now - since_ > max_time_;
  }

 private:
  base::milliseconds max_time_;
  std::uint64_t seen_ = 0;
  base::steady_time since_{};
};

}  // namespace scanhost::runner
