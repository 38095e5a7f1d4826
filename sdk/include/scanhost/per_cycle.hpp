// SPDX-License-Identifier: Apache-2.0
//
// per_cycle<T>: something that all scans of a cycle share. The first asker loads it, the others wait.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "scan_context.hpp"
#include "task.hpp"

namespace scanhost {

template <class T>
class per_cycle {
 public:
  // The value of the scan's cycle; loaded with `co_await load(scan)` (a task<T>) by the first asker.
  // What `load` throws is thrown to all askers of the cycle. The value lives until the next cycle.
  template <class Load>
  task<const T*> get(scan_context& scan, Load load) {
    if (cycle_ != scan.cycle()) forget(scan.cycle());
    if (state_ == state::empty) {
      co_await fill(scan, load);
    } else if (state_ == state::loading) {
      co_await waiting{*this};
    }
    if (failure_) std::rethrow_exception(failure_);
    co_return &*value_;
  }

 private:
  enum class state { empty, loading, loaded };

  struct waiting {
    per_cycle& cache;
    bool await_ready() const noexcept { return cache.state_ != state::loading; }
    void await_suspend(std::coroutine_handle<> awaiting) { cache.waiting_.push_back(awaiting); }
    void await_resume() const noexcept {}
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
    try {
      value_.emplace(co_await load(scan));
    } catch (...) {
      failure_ = std::current_exception();
    }
    state_ = state::loaded;
    for (auto& awaiting : std::exchange(waiting_, {})) awaiting.resume();
  }

  std::uint64_t cycle_ = 0;
  state state_ = state::empty;
  std::optional<T> value_;
  std::exception_ptr failure_;
  std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace scanhost
