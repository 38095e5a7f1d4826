// SPDX-License-Identifier: Apache-2.0
//
// task<T>: what a scan and its helpers return. It starts when it is awaited, and is awaited once; or several
// start together with `when_all` (when_all.hpp).
//
// Ready awaits return to the awaiting frame instead of resuming it from below (await_suspend answers
// false), so a million of them in a loop use constant stack, at -O0 too, with no reliance on
// symmetric transfer. Everything runs on the scanner's thread; nothing here is thread safe.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "detail/frame_pool.hpp"
#include "detail/language.hpp"

namespace scanhost::inline v1_0 {

template <class T>
class task;

namespace detail {

// Tasks that run together: resumes the frame that waits for them when the last is done.
class together {
 public:
  explicit together(std::size_t tasks) noexcept : left_(tasks + 1) {}
  together(const together&) = delete;
  together& operator=(const together&) = delete;

  // All have been started. False: they are done by now.
  bool wait(std::coroutine_handle<> awaiting) noexcept {
    awaiting_ = awaiting;
    return --left_ > 0;
  }
  // One is done. The frame that waits may destroy this while it runs: nothing is touched afterwards.
  void arrive() {
    if (--left_ == 0) awaiting_.resume();
  }

 private:
  std::size_t left_;  // tasks that are not done, and the start of them all
  std::coroutine_handle<> awaiting_;
};

class task_promise_base : public pooled_frame {
 public:
  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      // The awaiting frame may destroy `done` while it runs: nothing is touched afterwards.
      const auto& promise = done.promise();
      if (promise.together_ != nullptr) return promise.together_->arrive();
      if (auto continuation = promise.continuation_) continuation.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }
  void continue_with(std::coroutine_handle<> continuation) noexcept { continuation_ = continuation; }
  void count_for(together& all) noexcept { together_ = &all; }
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::coroutine_handle<> continuation_;
  together* together_ = nullptr;
  std::exception_ptr failure_;
};

template <class T>
class task_promise : public task_promise_base {
 public:
  task<T> get_return_object() noexcept;
  template <class Value = T>  // the default lets `co_return {...}` through
  void return_value(Value&& value) {
    value_.emplace(std::forward<Value>(value));
  }
  T take() {
    rethrow_failure();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
 public:
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const { rethrow_failure(); }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] task {
  static_assert(!std::is_reference_v<T>, "a task yields a value; give a pointer instead of a reference");

 public:
  using promise_type = detail::task_promise<T>;
  using handle = std::coroutine_handle<promise_type>;

  explicit task(handle frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    frame_.resume();
    if (frame_.done()) return false;
    frame_.promise().continue_with(awaiting);
    return true;
  }
  T await_resume() { return frame_.promise().take(); }

  // For when_all: starts it as one of many. When it is done, it counts for `all`, and its value is here.
  void start(detail::together& all) {
    frame_.promise().count_for(all);
    frame_.resume();
  }
  T take() { return frame_.promise().take(); }

 private:
  handle frame_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise<T>>::from_promise(*this));
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise<void>>::from_promise(*this));
}

}  // namespace detail
}  // namespace scanhost::inline v1_0
