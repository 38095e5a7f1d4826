// SPDX-License-Identifier: Apache-2.0
//
// What a scanner costs is seen: its time on a processor, its memory, and a leak.
#include <fstream>

#include "base/thread_costs.hpp"
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t mebibyte = 1 << 20;

class costs : public runner_test {
 protected:
  void SetUp() override {
    if (!base::thread_memory()) GTEST_SKIP() << "this process does not count memory";
  }

  // Ticks the scanner, as the control thread does, until it is so.
  static bool eventually_ticking(runner::scanner& scanner, const std::function<bool()>& so) {
    return eventually([&] {
      scanner.tick(base::steady::now());
      return so();
    });
  }
};

TEST_F(costs, name_a_leak_of_a_mebibyte_a_cycle_within_a_minute) {
  auto leaking = plan("leaks");
  leaking.settings.interval = 850ms;
  const auto subject = scanner(std::move(leaking));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().memory_growth.has_value(); }));
  const auto growth = *subject->status().memory_growth;
  EXPECT_NEAR(static_cast<double>(growth.bytes_per_cycle()), mebibyte, mebibyte / 10.0);
  EXPECT_GE(growth.bytes, 16 * mebibyte);
  EXPECT_EQ(metric("scanhost_scanner_memory_growing{scanner=\"leaks\"}"), 1);
  EXPECT_GE(metric("scanhost_scanner_memory_bytes{scanner=\"leaks\"}"), 16.0 * mebibyte);
}

TEST_F(costs, include_the_time_on_a_processor) {
  const auto subject = scanner(plan("leaks"));
  subject->start(0ms);
  ASSERT_TRUE(eventually_ticking(*subject, [&] { return subject->status().cpu_time > 0ns; }));
  EXPECT_GT(metric("scanhost_scanner_cpu_seconds_total{scanner=\"leaks\"}"), 0);
}

TEST_F(costs, of_a_stuck_generation_count_on) {
  auto impatient = plan("hangs_in_scan");
  impatient.settings.hang_timeout = 50ms;
  impatient.settings.options["file"] = file("release").string();
  const auto subject = scanner(std::move(impatient));
  subject->start(0ms);
  ASSERT_TRUE(eventually_ticking(*subject, [&] { return subject->status().stuck_generations > 0; }));
  const auto before = subject->status().cpu_time;
  EXPECT_TRUE(eventually_ticking(*subject, [&] { return subject->status().cpu_time > before; }));
  std::ofstream(file("release")) << "go on";
  EXPECT_TRUE(eventually_ticking(*subject, [&] { return subject->status().stuck_generations == 0; }));
}

TEST_F(costs, of_a_scanner_at_rest_stay) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 5; }));
  const auto early = subject->status().memory_bytes;
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 25; }));
  ASSERT_TRUE(early);
  EXPECT_LT(*subject->status().memory_bytes, *early + 256 * 1024);
  EXPECT_FALSE(subject->status().memory_growth);
}

TEST_F(costs, above_memory_limit_restart_the_instance_and_are_counted) {
  auto limited = plan("leaks");
  limited.settings.memory_limit.bytes = 8 * mebibyte;
  const auto subject = scanner(std::move(limited));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().restarts >= 2; }));
  EXPECT_NE(subject->status().last_error.find("more than its memory_limit of 8.0 MiB"), std::string::npos)
      << subject->status().last_error;
  EXPECT_GE(metric("scanhost_restarts_total{scanner=\"leaks\"}"), 2);
  EXPECT_GE(subject->status().cycles, 14u);  // each instance may use the whole limit
}

TEST_F(costs, above_memory_limit_end_a_run_of_cycles_with_the_reason) {
  auto limited = plan("leaks");
  limited.settings.memory_limit.bytes = 4 * mebibyte;
  const auto reports = run(100, std::move(limited));
  ASSERT_FALSE(reports);
  EXPECT_NE(reports.error().message.find("memory_limit"), std::string::npos) << reports.error().message;
}

TEST_F(costs, below_memory_limit_change_nothing) {
  auto limited = plan("leaks");
  limited.settings.memory_limit.bytes = 64 * mebibyte;
  EXPECT_TRUE(run(5, std::move(limited)));
}

}  // namespace
}  // namespace scanhost::test
