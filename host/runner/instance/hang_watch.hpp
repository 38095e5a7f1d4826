// SPDX-License-Identifier: Apache-2.0
//
// Sees that a thread has been inside one call of a plugin for too long. The thread only counts; whoever
// watches has the clock, so a call costs no look at it.
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
  explicit hang_watch(base::milliseconds longest) noexcept : longest_(longest) {}

  // True when the call that was seen under way at an earlier look is still under way after `longest`.
  bool hangs(std::uint64_t call_count, base::steady_time now) noexcept {
    if (call_count != seen_) {
      seen_ = call_count;
      since_ = now;
      return false;
    }
    return seen_ % 2 == 1 && now - since_ > longest_;
  }

 private:
  base::milliseconds longest_;
  std::uint64_t seen_ = 0;
  base::steady_time since_{};
};

}  // namespace scanhost::runner
