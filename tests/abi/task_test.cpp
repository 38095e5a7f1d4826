// SPDX-License-Identifier: Apache-2.0
//
// task<T>, alone: order, values, exceptions, and constant stack over a million ready awaits. Built
// without optimization in every configuration, which is where recursion would show.
#include "scanhost/task.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "driver.hpp"

namespace {

using scanhost::task;
using namespace scanhost::test;

task<std::intptr_t> ready_depth() { co_return stack_here(); }
task<std::intptr_t> nested_ready_depth() { co_return co_await ready_depth(); }
task<> ready() { co_return; }

TEST(task, starts_only_when_it_is_awaited) {
  bool started = false;
  auto work = [](bool& flag) -> task<> {
    flag = true;
    co_return;
  }(started);
  EXPECT_FALSE(started);
  driver run(std::move(work));
  EXPECT_TRUE(started);
  EXPECT_TRUE(run.done());
}

TEST(task, yields_values_that_can_only_be_moved) {
  auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  int seen = 0;
  driver run([](auto source, int& out) -> task<> {
    const auto value = co_await source();
    out = *value;
  }(make, seen));
  EXPECT_EQ(seen, 7);
}

TEST(task, takes_a_braced_list_in_co_return) {
  struct pair_of {
    int value;
    std::string two;
  };
  std::string seen;
  driver run([](std::string& out) -> task<> {
    auto make = []() -> task<pair_of> { co_return {1, "two"}; };
    out = (co_await make()).two;
  }(seen));
  EXPECT_EQ(seen, "two");
}

TEST(task, resumes_its_awaiter_after_it_waited) {
  gate door;
  std::string order;
  auto inner = [](gate& at, std::string& out) -> task<int> {
    out += "a";
    co_await at;
    out += "b";
    co_return 5;
  };
  driver run([](auto work, gate& at, std::string& out) -> task<> {
    const int value = co_await work(at, out);
    out += std::to_string(value);
  }(inner, door, order));
  EXPECT_EQ(order, "a");
  door.open();
  EXPECT_EQ(order, "ab5");
  EXPECT_TRUE(run.done());
}

TEST(task, throws_to_its_awaiter_before_and_after_it_waited) {
  gate door;
  std::string caught;
  auto fails = [](gate& at, bool wait) -> task<> {
    if (wait) co_await at;
    throw std::runtime_error(wait ? "later" : "at once");
  };
  driver run([](auto work, gate& at, std::string& out) -> task<> {
    for (const bool wait : {false, true}) try {
        co_await work(at, wait);
      } catch (const std::exception& problem) {
        out += problem.what();
      }
  }(fails, door, caught));
  door.open();
  EXPECT_EQ(caught, "at oncelater");
}

TEST(task, destroys_what_is_alive_in_an_unfinished_frame) {
  auto kept = std::make_shared<int>(1);
  gate door;
  {
    driver run([](std::shared_ptr<int> held, gate& at) -> task<> {
      auto inner = [](std::shared_ptr<int> deeper, gate& where) -> task<> {
        co_await where;
        (void)deeper;
      };
      co_await inner(held, at);
    }(kept, door));
    EXPECT_GT(kept.use_count(), 1);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(task, a_million_ready_awaits_use_constant_stack) {
  std::intptr_t first = 0;
  std::intptr_t last = 0;
  driver run([](std::intptr_t& begin, std::intptr_t& end) -> task<> {
    begin = co_await nested_ready_depth();
    for (int i = 0; i < million; ++i) co_await ready();
    for (int i = 0; i < million; ++i) end = co_await nested_ready_depth();
  }(first, last));
  EXPECT_TRUE(run.done());
  EXPECT_LT(std::abs(first - last), little);
}

TEST(task, a_million_ready_awaits_after_a_wait_use_constant_stack) {
  gate door;
  std::intptr_t first = 0;
  std::intptr_t last = 0;
  auto waits = [](gate& at) -> task<> { co_await at; };
  driver run([](auto pause, gate& at, std::intptr_t& begin, std::intptr_t& end) -> task<> {
    co_await pause(at);
    begin = co_await ready_depth();
    for (int i = 0; i < million; ++i) end = co_await ready_depth();
  }(waits, door, first, last));
  door.open();
  EXPECT_TRUE(run.done());
  EXPECT_LT(std::abs(first - last), little);
}

TEST(task, a_hundred_thousand_waits_use_constant_stack) {
  gate door;
  std::intptr_t first = 0;
  std::intptr_t last = 0;
  auto waits = [](gate& at) -> task<std::intptr_t> {
    co_await at;
    co_return stack_here();
  };
  driver run([](auto pause, gate& at, std::intptr_t& begin, std::intptr_t& end) -> task<> {
    begin = co_await pause(at);
    for (int i = 0; i < 100'000; ++i) end = co_await pause(at);
  }(waits, door, first, last));
  while (!run.done()) door.open();
  EXPECT_LT(std::abs(first - last), little);
}

TEST(task, many_exceptions_of_ready_awaits_are_all_caught) {
  int caught = 0;
  driver run([](int& count) -> task<> {
    auto fails = []() -> task<> {
      throw 1;
      co_return;
    };
    for (int i = 0; i < 20'000; ++i) try {
        co_await fails();
      } catch (int) {
        ++count;
      }
  }(caught));
  EXPECT_EQ(caught, 20'000);
}

}  // namespace
