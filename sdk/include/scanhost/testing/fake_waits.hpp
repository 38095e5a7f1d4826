// SPDX-License-Identifier: Apache-2.0
//
// What the scans of a fake host wait for outside the store: wakes, which come from real threads, and real
// descriptors. Their time-outs are timers of the fake host.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../ext/waiting.h"
#include "../text.hpp"

namespace scanhost::inline v1_0::testing {

class fake_waits {
 public:
  // A wait that has ended, by the number that it was given.
  struct ended_wait {
    std::uint64_t number;
    std::uint32_t events;
  };

  fake_waits() = default;
  fake_waits(const fake_waits&) = delete;
  fake_waits& operator=(const fake_waits&) = delete;
  ~fake_waits() {
    while (!waits_.empty()) forget(waits_.front().number);
    if (woken_signal_ >= 0) ::close(woken_signal_);
  }

  std::uint64_t add_token(std::size_t scan) {
    const std::lock_guard alone(mutex_);
    if (woken_signal_ < 0) woken_signal_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    tokens_.push_back({++last_token_, scan, false});
    return last_token_;
  }

  // Any thread. A token whose scan has ended is ignored.
  void wake(std::uint64_t token) {
    const std::lock_guard alone(mutex_);
    auto* known = find(token);
    if (known == nullptr) return;
    known->woken = true;
    const std::uint64_t one_more = 1;
    [[maybe_unused]] const auto written = ::write(woken_signal_, &one_more, sizeof one_more);
  }

  // The number of the new wait; or nothing, and `reason` says why.
  std::optional<std::uint64_t> wait_for_token(std::size_t scan, std::uint64_t token, std::string& reason) {
    const std::lock_guard alone(mutex_);
    const auto* known = find(token);
    if (known == nullptr || known->scan != scan) {
      reason = "wait: the token is not one of this scan";
      return std::nullopt;
    }
    if (std::ranges::count(waits_, token, &open_wait::token) > 0) {
      reason = "wait: the token is waited for already";
      return std::nullopt;
    }
    waits_.push_back({++last_wait_, scan, token, -1, 0});
    return last_wait_;
  }
  std::optional<std::uint64_t> wait_for_descriptor(std::size_t scan, int descriptor, std::uint32_t events,
                                                   std::string& reason) {
    constexpr std::uint32_t known = SCANHOST_READY_READ | SCANHOST_READY_WRITE;
    if (events == 0 || (events & ~known) != 0)
      reason = "when_ready: the events have to be SCANHOST_READY_READ, SCANHOST_READY_WRITE or both";
    else if (!can_wait_for(descriptor))
      reason = "when_ready: descriptor " + std::to_string(descriptor) +
               " is not open, or is a regular file or a folder, which the system cannot wait for";
    if (!reason.empty()) return std::nullopt;
    waits_.push_back({++last_wait_, scan, 0, ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0), events});
    return last_wait_;
  }

  bool empty() const noexcept { return waits_.empty(); }

  // The waits that have ended, within `timeout` of real time. They are forgotten.
  std::vector<ended_wait> collect(milliseconds timeout) {
    auto ended = take_woken();
    add_ready(ended, ended.empty() ? timeout : milliseconds(0));
    if (ended.empty()) ended = take_woken();
    for (const auto& wait : ended) forget(wait.number);
    return ended;
  }

  void forget(std::uint64_t number) {
    const auto found = std::ranges::find(waits_, number, &open_wait::number);
    if (found == waits_.end()) return;
    if (found->descriptor >= 0) ::close(found->descriptor);
    waits_.erase(found);
  }
  void forget_scan(std::size_t scan) {
    for (const auto& wait : std::vector(waits_))
      if (wait.scan == scan) forget(wait.number);
    const std::lock_guard alone(mutex_);
    std::erase_if(tokens_, [&](const known_token& known) { return known.scan == scan; });
  }

 private:
  struct known_token {
    std::uint64_t number;
    std::size_t scan;
    bool woken;
  };
  struct open_wait {
    std::uint64_t number;
    std::size_t scan;
    std::uint64_t token;  // 0: it waits for the descriptor
    int descriptor;       // a duplicate; -1: none
    std::uint32_t events;
  };

  // With the mutex held.
  known_token* find(std::uint64_t number) {
    const auto found = std::ranges::find(tokens_, number, &known_token::number);
    return found == tokens_.end() ? nullptr : &*found;
  }

  static bool can_wait_for(int descriptor) {
    struct stat about {};
    return ::fstat(descriptor, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
  }

  std::vector<ended_wait> take_woken() {
    const std::lock_guard alone(mutex_);
    std::vector<ended_wait> ended;
    for (const auto& wait : waits_) {
      auto* known = wait.token == 0 ? nullptr : find(wait.token);
      if (known != nullptr && std::exchange(known->woken, false))
        ended.push_back({wait.number, SCANHOST_READY_WOKEN});
    }
    return ended;
  }

  // Waits until a descriptor is ready or a token is woken.
  void add_ready(std::vector<ended_wait>& ended, milliseconds timeout) {
    std::vector<pollfd> polled{{woken_signal_, POLLIN, 0}};
    for (const auto& wait : waits_) {
      const auto reads = (wait.events & SCANHOST_READY_READ) != 0;
      const auto writes = (wait.events & SCANHOST_READY_WRITE) != 0;
      polled.push_back(
          {wait.descriptor, static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0});
    }
    ::poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
    drain_signal();
    for (std::size_t i = 0; i < waits_.size(); ++i)
      if (const auto events = ready_events(polled[i + 1].revents) & waits_[i].events; events != 0)
        ended.push_back({waits_[i].number, events});
  }
  void drain_signal() const {
    if (woken_signal_ < 0) return;
    std::uint64_t wakes = 0;
    [[maybe_unused]] const auto size = ::read(woken_signal_, &wakes, sizeof wakes);
  }
  static std::uint32_t ready_events(short events) noexcept {
    const bool over = (events & (POLLHUP | POLLERR)) != 0;
    return (over || (events & POLLIN) != 0 ? std::uint32_t{SCANHOST_READY_READ} : 0u) |
           (over || (events & POLLOUT) != 0 ? std::uint32_t{SCANHOST_READY_WRITE} : 0u);
  }

  std::mutex mutex_;  // of the tokens
  std::vector<known_token> tokens_;
  std::uint64_t last_token_ = 0;
  int woken_signal_ = -1;
  std::vector<open_wait> waits_;
  std::uint64_t last_wait_ = 0;
};

}  // namespace scanhost::inline v1_0::testing
