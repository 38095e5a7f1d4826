// SPDX-License-Identifier: Apache-2.0
//
// Scanners that a limit holds back.
#include <gmock/gmock.h>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

class limited_scanner : public runner_test {
 protected:
  plan::scanner_plan limited(const std::string& plugin, std::uint64_t commands_per_s) {
    auto chosen = plan(plugin);
    chosen.settings.rate.commands_per_s = commands_per_s;
    chosen.settings.budget.time = 1h;
    return chosen;
  }

  static bool waits(runner::scanner& subject) {
    subject.tick(base::steady::now());
    const auto rate = subject.status().store.rate;
    return rate && rate->waiting > 0;
  }
};

TEST_F(limited_scanner, does_all_of_its_work_at_its_rate) {
  seed(0, 60);
  const auto start = base::steady::now();
  const auto reports = run(1, limited("sweeps_due", 100));
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->front().counts.processed, 60u);
  EXPECT_EQ(reports->front().counts.errors, 0u);
  EXPECT_GE(base::steady::now() - start, 400ms);  // some 70 commands, but for a burst of 10
}

TEST_F(limited_scanner, does_so_behind_the_gate_as_well) {
  seed(0, 60);
  auto chosen = limited("sweeps_due", 100);
  chosen.settings.permissions.commands = {"ZRANGEBYSCORE", "ZREM", "ZCARD"};
  const auto start = base::steady::now();
  const auto reports = run(1, std::move(chosen));
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->front().counts.processed, 60u);
  EXPECT_GE(base::steady::now() - start, 400ms);
}

TEST_F(limited_scanner, does_so_in_blocking_calls_as_well) {
  seed(0, 60);
  const auto start = base::steady::now();
  const auto reports = run(1, limited("sweeps_due_blocking", 100));
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->front().counts.processed, 60u);
  EXPECT_GE(base::steady::now() - start, 400ms);
}

TEST_F(limited_scanner, is_not_cancelled_while_its_scans_wait_for_their_moment) {
  seed(0, 40);
  auto chosen = limited("sweeps_due", 30);
  chosen.settings.scan_timeout = 100ms;
  chosen.settings.hang_timeout = 1s;
  const auto reports = run(1, std::move(chosen));
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->front().counts.processed, 40u);
  EXPECT_EQ(reports->front().counts.errors, 0u);
}

TEST_F(limited_scanner, stops_without_waiting_for_its_moment) {
  for (int partition = 0; partition < 4; ++partition) seed(partition, 1000);
  for (const auto* plugin : {"sweeps_due", "sweeps_due_blocking"}) {
    const auto subject = scanner(limited(plugin, 1));
    subject->start(0ms);
    ASSERT_TRUE(eventually([&] { return waits(*subject); })) << plugin;
    subject->request_stop();
    const auto start = base::steady::now();
    EXPECT_EQ(subject->join(start + 60s, 1s), runner::stop_outcome::stopped) << plugin;
    EXPECT_LT(base::steady::now() - start, 10s) << plugin;
    EXPECT_EQ(subject->status().totals.errors, 0u) << plugin;
  }
}

TEST_F(limited_scanner, is_paused_without_waiting_and_goes_on_at_its_rate) {
  seed(0, 1000);
  const auto subject = scanner(limited("sweeps_due", 20));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return waits(*subject); }));
  subject->set_paused(true);
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::waiting; }));
  EXPECT_TRUE(eventually([&] { return !waits(*subject); }));
  EXPECT_GT(left(0), 900);
  EXPECT_TRUE(subject->failures(10).items.empty());
  EXPECT_EQ(subject->status().totals.errors, 0u);
  subject->set_paused(false);
  subject->run_now();
  EXPECT_TRUE(eventually([&] { return waits(*subject); }));
}

TEST_F(limited_scanner, shows_its_limit) {
  const auto subject = scanner(limited("sweeps_due", 250));
  EXPECT_EQ(metric("scanhost_rate_limit_commands_per_second{scanner=\"sweeps_due\"}"), 0);
  EXPECT_EQ(metric("scanhost_rate_limit_wait_seconds_total{scanner=\"sweeps_due\"}"), 0);
  EXPECT_EQ(metric("scanhost_rate_limit_latency_seconds{scanner=\"sweeps_due\"}"), 0);
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().store.rate.has_value();
  }));
  EXPECT_EQ(metric("scanhost_rate_limit_commands_per_second{scanner=\"sweeps_due\"}"), 250);
}

TEST_F(limited_scanner, shares_the_limit_of_the_host_with_the_others) {
  seed(0, 60);
  for (int partition = 1; partition < 4; ++partition) seed(partition, 20);
  auto first = plan("sweeps_due"), second = plan("sweeps_due_blocking");
  first.settings.host_rate.commands_per_s = second.settings.host_rate.commands_per_s = 100;
  const auto start = base::steady::now();
  const auto one_of_two = scanner(std::move(first)), other = scanner(std::move(second));
  one_of_two->start(0ms);
  other->start(0ms);
  const auto all = [&] { return left(0) + left(1) + left(2) + left(3); };
  ASSERT_TRUE(eventually([&] { return all() == 0; }));
  EXPECT_GE(base::steady::now() - start, 900ms);  // at least 120 calls, but for a burst of 10
}

}  // namespace
}  // namespace scanhost::test
