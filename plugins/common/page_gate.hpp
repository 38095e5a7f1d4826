// SPDX-License-Identifier: Apache-2.0
//
// How many pages of a scanner are handled at the same time. Enough to keep the server busy; with more, what
// was read of a page would be old before its calls reach the server.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>

namespace ff {

class page_gate {
 public:
  explicit page_gate(std::size_t limit) : limit_(limit) {}
  page_gate(const page_gate&) = delete;
  page_gate& operator=(const page_gate&) = delete;

  // `co_await gate.enter()`, in the order of arrival; each is followed by one leave().
  auto enter() noexcept { return entering{*this}; }

  // Lets others in. They run inside this call, until they wait for something.
  void leave() {
    --inside_;
    if (admitting_) return;  // a page that was let in just now is done already: the loop below goes on
    admitting_ = true;
    while (inside_ < limit_ && !waiting_.empty()) {
      ++inside_;
      const auto next = waiting_.front();
      waiting_.pop_front();
      next.resume();
    }
    admitting_ = false;
  }

 private:
  struct entering {
    page_gate& gate;
    bool await_ready() const noexcept {
      if (gate.inside_ >= gate.limit_) return false;
      ++gate.inside_;
      return true;
    }
    void await_suspend(std::coroutine_handle<> page) { gate.waiting_.push_back(page); }
    void await_resume() const noexcept {}
  };

  std::size_t limit_;
  std::size_t inside_ = 0;
  bool admitting_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace ff
