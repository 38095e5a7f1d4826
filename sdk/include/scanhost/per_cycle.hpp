// SPDX-License-Identifier: Apache-2.0
//
// per_cycle<T>: a value that all scans of a cycle share. The first scan that asks loads it, the others wait.
#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <exception>
#include <optional>

#include "scan_context.hpp"
#include "task.hpp"

namespace scanhost::inline v1_0 {

template <class T>
class per_cycle {
 public:
  per_cycle() = default;
  per_cycle(const per_cycle&) = delete;  // frames that wait know where it is
  per_cycle& operator=(const per_cycle&) = delete;

  // The value of the scan's cycle; loaded with `co_await load(scan)` (a task<T>) by the first scan that asks.
  // What `load` throws is thrown to all scans of the cycle that ask. The value lives until the next cycle.
  // Make it a member of the scanner.
  template <class Load>
  task<const T*> get(scan_context& scan, Load load) {
    while (state_ == state::loading) co_await waiting(*this);
    if (cycle_ != scan.cycle()) forget(scan.cycle());
    if (state_ == state::empty) co_await fill(scan, load);
    if (failure_) std::rethrow_exception(failure_);
    co_return &*value_;
  }

 private:
  enum class state { empty, loading, loaded };

  // Part of a waiting frame; removes itself from the list when that frame is destroyed.
  class waiting {
   public:
    explicit waiting(per_cycle& cache) noexcept : cache_(cache) {}
    waiting(waiting&&) = delete;
    ~waiting() { std::erase(cache_.waiting_, this); }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
      awaiting_ = awaiting;
      cache_.waiting_.push_back(this);
    }
    void await_resume() const noexcept {}
    void resume() const { awaiting_.resume(); }

   private:
    per_cycle& cache_;
    std::coroutine_handle<> awaiting_;
  };

  // A load that is destroyed half-way (with the instance) leaves the cache empty, not loading for ever.
  struct loading_guard {
    per_cycle& cache;
    ~loading_guard() {
      if (cache.state_ == state::loading) cache.state_ = state::empty;
    }
  };

  void forget(std::uint64_t cycle) {
    cycle_ = cycle;
    state_ = state::empty;
    value_.reset();
    failure_ = nullptr;
  }

  template <class Load>
  task<void> fill(scan_context& scan, Load& load) {
    state_ = state::loading;
    const loading_guard guard{*this};
    try {
      value_.emplace(co_await load(scan));
    } catch (...) {
      failure_ = std::current_exception();
    }
    state_ = state::loaded;
    while (!waiting_.empty()) {
      const auto* first = waiting_.front();
      waiting_.pop_front();
      first->resume();
    }
  }

  std::uint64_t cycle_ = 0;
  state state_ = state::empty;
  std::optional<T> value_;
  std::exception_ptr failure_;
  std::deque<waiting*> waiting_;
};

}  // namespace scanhost::inline v1_0
