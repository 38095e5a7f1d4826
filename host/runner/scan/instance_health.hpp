// SPDX-License-Identifier: Apache-2.0
//
// Whether a plugin's instance may call the host, and why it has to be recreated once it has failed or broken
// the contract.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "runner/scan/wake_signal.hpp"

namespace scanhost::runner {

class instance_health {
 public:
  // Construct it on the scanner's thread.
  instance_health(const std::atomic<bool>& abandoned, wake_signal& wake) noexcept
      : thread_(std::this_thread::get_id()), abandoned_(abandoned), wake_(wake) {}

  // Whether a call comes on the scanner's thread and from a generation that was not abandoned. Any thread.
  bool admits_calls() noexcept {
    if (std::this_thread::get_id() == thread_) return !abandoned_;
    foreign_call_ = true;
    return false;
  }

  // Turns a call from another thread into a failure. On the scanner's thread.
  void check_foreign_calls() {
    if (foreign_call_.exchange(false))
      fail("it broke the contract: it called the host from a thread of its own");
  }

  // The first reason counts.
  void fail(std::string reason) {
    if (failure_.empty()) failure_ = std::move(reason);
    wake_.raise();
  }
  bool failed() const noexcept { return !failure_.empty(); }
  std::string take_failure() { return std::exchange(failure_, {}); }

  // Whether the plugin may be called.
  bool usable() const noexcept { return !failed() && !abandoned_; }

 private:
  const std::thread::id thread_;
  const std::atomic<bool>& abandoned_;
  wake_signal& wake_;
  std::string failure_;  // empty: none
  std::atomic<bool> foreign_call_{false};
};

}  // namespace scanhost::runner
