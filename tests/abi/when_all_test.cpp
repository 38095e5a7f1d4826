// SPDX-License-Identifier: Apache-2.0
//
// when_all: what it yields and when, what it throws, what a drop destroys, and constant stack.
#include "scanhost/when_all.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "driver.hpp"
#include "scanhost/scanner.hpp"
#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::test;
using namespace scanhost::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

task<int> ready(int value) { co_return value; }
task<> nothing() { co_return; }
task<int> waits(gate& door, int value) {
  co_await door;
  co_return value;
}
task<int> fails(gate& door, std::string why) {
  co_await door;
  throw std::runtime_error(why);
}

std::vector<task<int>> tasks_of(task<int> first, task<int> second) {
  std::vector<task<int>> both;
  both.push_back(std::move(first));
  both.push_back(std::move(second));
  return both;
}

TEST(when_all, yields_the_values_of_ready_tasks_at_once) {
  std::vector<int> seen;
  driver run([](std::vector<int>& out) -> task<> {
    out = co_await when_all(tasks_of(ready(1), ready(2)));
    const auto [number, none] = co_await when_all(ready(3), nothing());
    (void)none;
    out.push_back(number);
  }(seen));
  EXPECT_TRUE(run.done());
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

TEST(when_all, of_no_tasks_is_done_at_once) {
  driver run([]() -> task<> {
    co_await when_all(std::vector<task<>>());
    EXPECT_THAT(co_await when_all(std::vector<task<int>>()), IsEmpty());
  }());
  EXPECT_TRUE(run.done());
}

TEST(when_all, starts_all_before_it_waits_and_yields_in_the_order_of_the_tasks) {
  gate first, second;
  std::vector<int> seen;
  driver run([](gate& a, gate& b, std::vector<int>& out) -> task<> {
    out = co_await when_all(tasks_of(waits(a, 1), waits(b, 2)));
  }(first, second, seen));
  EXPECT_EQ(first.waiting.size() + second.waiting.size(), 2u);
  second.open();
  EXPECT_FALSE(run.done());
  first.open();
  EXPECT_TRUE(run.done());
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

TEST(when_all, throws_what_the_first_of_the_tasks_threw_when_all_are_done) {
  gate first, second, third;
  std::string caught;
  driver run([](gate& a, gate& b, gate& c, std::string& out) -> task<> {
    try {
      co_await when_all(fails(a, "first"), fails(b, "second"), waits(c, 3));
    } catch (const std::exception& problem) {
      out = problem.what();
    }
  }(first, second, third, caught));
  second.open();
  first.open();
  EXPECT_EQ(caught, "");
  third.open();
  EXPECT_EQ(caught, "first");
  EXPECT_TRUE(run.done());
}

TEST(when_all, destroys_tasks_that_still_wait_together_with_the_frame_that_waits_for_them) {
  gate door;
  auto kept = std::make_shared<int>(1);
  auto holds = [](std::shared_ptr<int> held, gate& at) -> task<> {
    co_await at;
    (void)held;
  };
  {
    driver run([](auto work, std::shared_ptr<int>& held, gate& at) -> task<> {
      co_await when_all(work(held, at), work(held, at), nothing());
    }(holds, kept, door));
    EXPECT_GT(kept.use_count(), 2);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(when_all, of_a_million_ready_tasks_one_after_the_other_uses_constant_stack) {
  std::intptr_t first = 0;
  std::intptr_t last = 0;
  driver run([](std::intptr_t& begin, std::intptr_t& end) -> task<> {
    auto depth = []() -> task<std::intptr_t> { co_return stack_here(); };
    begin = std::get<0>(co_await when_all(depth(), nothing()));
    for (int i = 0; i < million; ++i) end = std::get<0>(co_await when_all(depth(), nothing()));
  }(first, last));
  EXPECT_TRUE(run.done());
  EXPECT_LT(std::abs(first - last), little);
}

TEST(when_all, of_a_hundred_thousand_tasks_at_once_uses_constant_stack) {
  gate door;
  int sum = 0;
  driver run([](gate& at, int& out) -> task<> {
    std::vector<task<int>> many;
    for (int i = 0; i < 100'000; ++i) many.push_back(waits(at, 1));
    for (const int value : co_await when_all(std::move(many))) out += value;
  }(door, sum));
  door.open();
  EXPECT_EQ(sum, 100'000);
}

// Reads two keys together.
class reads_two : public scanner {
 public:
  static description describe() {
    return {.name = "reads_two",
            .version = "1.0.0",
            .summary = "reads two keys together",
            .families = {{.name = "single"}}};
  }
  task<result> scan(scan_context& scan) override {
    const auto [a, b] = co_await when_all(read(scan, "a"), read(scan, "b"));
    co_return result{.processed = a + b};
  }
  static task<std::uint64_t> read(scan_context& scan, std::string key) {
    const auto got = co_await scan.execute(command("GET", key));
    co_return got.front().ok() ? 1 : 0;
  }
};

TEST(when_all, of_one_scan_has_several_commands_in_flight) {
  fake_host host(plugin_of<reads_two>());
  host.on("GET", "one");
  host.start(0);
  EXPECT_EQ(host.waiting(), 2u);
  host.run();
  EXPECT_EQ(host.report(0).result.processed, 2u);
  EXPECT_THAT(host.violations(), IsEmpty());
}

TEST(when_all, of_a_scan_that_is_dropped_leaves_nothing_behind) {
  fake_host host(plugin_of<reads_two>());
  host.start(0);
  host.step();
  host.destroy();
  EXPECT_EQ(host.batches_lent(), 0u);
  EXPECT_THAT(host.violations(), IsEmpty());
}

}  // namespace
