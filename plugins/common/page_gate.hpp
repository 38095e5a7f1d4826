// SPDX-License-Identifier: Apache-2.0
//
// How much of a scanner's pages is handled at the same time, counted in candidates. Enough to keep the server
// busy; with more, what was read of a page would be old before its calls reach the server. Where the server
// is slow, or few commands a second may go, that is fewer: the limit falls when a page was too old, and rises
// again.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <scanhost/scanner.hpp>

namespace ff {

// No call is made from a page that is older than this: its candidates are read again.
inline constexpr scanhost::milliseconds page_lifetime{1000};

class page_gate {
 public:
  explicit page_gate(std::size_t max) : max_(max), limit_(max) {}
  page_gate(const page_gate&) = delete;
  page_gate& operator=(const page_gate&) = delete;

  // `co_await gate.enter(candidates)`, in the order of arrival; each is followed by one leave() of as many. A
  // page beyond the limit goes in alone.
  auto enter(std::size_t candidates) noexcept { return entering{*this, candidates}; }

  // How many candidates it lets in at present: from 1 to the number that it was made for.
  std::size_t limit() const noexcept { return limit_; }

  // Says whether a page may still be acted on that was read so long ago, and sets the limit by it.
  bool in_time(scanhost::milliseconds age) noexcept {
    if (age <= page_lifetime / 2) limit_ = std::min(max_, 2 * limit_);
    if (age <= page_lifetime) return true;
    const auto fresh = inside_ * static_cast<std::size_t>(page_lifetime.count()) / 2;
    limit_ = std::clamp(fresh / static_cast<std::size_t>(age.count()), std::size_t{1}, limit_);
    return false;
  }

  // Lets others in. They run inside this call, until they wait for something.
  void leave(std::size_t candidates) {
    inside_ -= candidates;
    if (admitting_) return;  // a page that was let in just now is done already: the loop below goes on
    admitting_ = true;
    while (!waiting_.empty() && has_room(waiting_.front().candidates)) {
      const auto next = waiting_.front();
      waiting_.pop_front();
      inside_ += next.candidates;
      next.page.resume();
    }
    admitting_ = false;
  }

 private:
  struct waiting_page {
    std::coroutine_handle<> page;
    std::size_t candidates;
  };

  struct entering {
    page_gate& gate;
    std::size_t candidates;
    bool await_ready() const noexcept {
      if (!gate.waiting_.empty() || !gate.has_room(candidates)) return false;
      gate.inside_ += candidates;
      return true;
    }
    void await_suspend(std::coroutine_handle<> page) { gate.waiting_.push_back({page, candidates}); }
    void await_resume() const noexcept {}
  };

  bool has_room(std::size_t candidates) const noexcept {
    return inside_ == 0 || inside_ + candidates <= limit_;
  }

  const std::size_t max_;
  std::size_t limit_;
  std::size_t inside_ = 0;
  bool admitting_ = false;
  std::deque<waiting_page> waiting_;
};

}  // namespace ff
