// SPDX-License-Identifier: Apache-2.0
//
// What the tests of tasks share: something that drives a task, something to wait for, and how deep the stack
// is.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>
#include <vector>

#include "scanhost/task.hpp"

namespace scanhost::test {

// Starts a task and keeps its frame, as an instance does.
class driver {
 public:
  template <class T>
  explicit driver(task<T> work) : frame_(run(std::move(work)).frame) {
    frame_.resume();
  }
  ~driver() { frame_.destroy(); }
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;
  bool done() const { return frame_.done(); }

 private:
  struct outer {
    struct promise_type {
      outer get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      std::suspend_always final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const { throw; }
    };
    std::coroutine_handle<promise_type> frame;
  };
  template <class T>
  static outer run(task<T> work) {
    co_await work;
  }

  std::coroutine_handle<> frame_;
};

// Something to await: it suspends and is resumed from outside.
struct gate {
  std::vector<std::coroutine_handle<>> waiting = {};
  struct awaiter {
    gate& where;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) { where.waiting.push_back(frame); }
    void await_resume() const noexcept {}
  };
  awaiter operator co_await() { return {*this}; }
  void open() {
    for (auto frame : std::exchange(waiting, {})) frame.resume();
  }
};

inline std::intptr_t stack_here() { return reinterpret_cast<std::intptr_t>(__builtin_frame_address(0)); }

constexpr int million = 1'000'000;
// Bytes; a stack frame for each await would take hundreds of times that.
constexpr std::intptr_t little = 4096;

}  // namespace scanhost::test
