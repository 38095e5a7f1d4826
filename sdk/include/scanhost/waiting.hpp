// SPDX-License-Identifier: Apache-2.0
//
// Waiting for something outside the store: for a thread of the plugin, or for a descriptor.
//
//   auto signal = scan.signal();
//   workers_.post([signal] { work(); signal.wake(); });
//   if (!co_await scan.wait(signal, 5s)) ...  // the time is over, or the scan was cancelled
#pragma once

#include <coroutine>
#include <cstdint>

#include "ext/waiting.h"
#include "host.h"
#include "text.hpp"

namespace scanhost::inline v1_0 {

// By this, other threads wake a scan. A small value that may be copied. A default-constructed one wakes
// nothing.
class scan_signal {
 public:
  scan_signal() noexcept = default;
  scan_signal(const scanhost_host* host, const scanhost_waiting* table, std::uint64_t token) noexcept
      : host_(host), table_(table), token_(token) {}

  // Any thread, until the scanner's destructor has returned: join the plugin's threads there. Remembered when
  // the scan does not wait at the moment; ignored when the scan has ended.
  void wake() const noexcept {
    if (table_ != nullptr) table_->wake(host_, token_);
  }
  std::uint64_t token() const noexcept { return token_; }

 private:
  const scanhost_host* host_ = nullptr;
  const scanhost_waiting* table_ = nullptr;
  std::uint64_t token_ = 0;
};

namespace detail {

// Yields whether it came before the time was over and the scan was cancelled. `start` asks the host.
template <class Start>
class [[nodiscard]] ready_awaiter {
 public:
  explicit ready_awaiter(Start start) noexcept : start_(start) {}
  ready_awaiter(ready_awaiter&&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    awaiting_ = awaiting;
    start_(&on_ready, static_cast<void*>(this));
  }
  bool await_resume() const noexcept { return events_ != 0; }

 private:
  static void on_ready(void* user, std::uint32_t events) noexcept {
    auto& self = *static_cast<ready_awaiter*>(user);
    self.events_ = events;
    self.awaiting_.resume();
  }

  Start start_;
  std::coroutine_handle<> awaiting_;
  std::uint32_t events_ = 0;
};

}  // namespace detail
}  // namespace scanhost::inline v1_0
