// SPDX-License-Identifier: Apache-2.0
//
// when_all: tasks of one scan that run together, so that their commands leave together.
//
//   auto [groups, limits] = co_await when_all(read_groups(scan), read_limits(scan));
//   const std::vector<std::int64_t> lengths = co_await when_all(std::move(a_task_for_each_queue));
//
// It yields when all of them are done, their values in the order of the tasks; if some threw, it throws what
// the first of those threw. Ready tasks use constant stack. If the scan is dropped, all of its tasks are.
#pragma once

#include <coroutine>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "task.hpp"

namespace scanhost::inline v1_0 {
namespace detail {

// The value of a task among those of others, which cannot be void.
template <class T>
using value_of = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
value_of<T> value_from(task<T>& done) {
  if constexpr (std::is_void_v<T>) {
    done.take();
    return {};
  } else {
    return done.take();
  }
}

// Any number of tasks of one type.
template <class T>
class [[nodiscard]] all_of_many {
 public:
  explicit all_of_many(std::vector<task<T>> tasks) noexcept
      : tasks_(std::move(tasks)), together_(tasks_.size()) {}
  all_of_many(all_of_many&&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    for (auto& each : tasks_) each.start(together_);
    return together_.wait(awaiting);
  }
  auto await_resume() {
    if constexpr (std::is_void_v<T>) {
      for (auto& each : tasks_) each.take();
    } else {
      std::vector<T> values;
      values.reserve(tasks_.size());
      for (auto& each : tasks_) values.push_back(each.take());
      return values;
    }
  }

 private:
  std::vector<task<T>> tasks_;
  together together_;
};

// Some tasks, each of its own type.
template <class... Ts>
class [[nodiscard]] all_of_these {
 public:
  explicit all_of_these(task<Ts>... tasks) noexcept : tasks_(std::move(tasks)...) {}
  all_of_these(all_of_these&&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    std::apply([this](auto&... each) { (each.start(together_), ...); }, tasks_);
    return together_.wait(awaiting);
  }
  std::tuple<value_of<Ts>...> await_resume() {
    return std::apply([](auto&... each) { return std::tuple<value_of<Ts>...>{value_from(each)...}; }, tasks_);
  }

 private:
  std::tuple<task<Ts>...> tasks_;
  together together_{sizeof...(Ts)};
};

}  // namespace detail

// Yields a std::vector<T>, or nothing for tasks of void. No tasks are done at once.
template <class T>
auto when_all(std::vector<task<T>> tasks) {
  return detail::all_of_many<T>(std::move(tasks));
}

// Yields a std::tuple of their values; std::monostate stands for void.
template <class... Ts>
requires(sizeof...(Ts) > 0) auto when_all(task<Ts>... tasks) {
  return detail::all_of_these<Ts...>(std::move(tasks)...);
}

}  // namespace scanhost::inline v1_0
