// SPDX-License-Identifier: Apache-2.0
//
// Visits to one partition between cycles, because the scan said when its next candidate comes due.
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

using early_visits = runner_test;

TEST_F(early_visits, get_items_done_that_come_due_between_cycles) {
  auto slow = plan("sweeps_due");
  slow.settings.interval = 1h;
  seed(2, 5, "soon", server_now_ms() + 300);
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().totals.processed == 5; }));
  EXPECT_EQ(subject->status().cycles, 1u);
  EXPECT_EQ(metric("test_scanner_cycle_duration_seconds_count{scanner=\"sweeps_due\"}"), 1);
  EXPECT_EQ(metric("scanhost_processed_total{scanner=\"sweeps_due\"}"), 5);
}

TEST_F(early_visits, go_on_from_one_item_to_the_next) {
  auto slow = plan("sweeps_due");
  slow.settings.interval = 1h;
  const auto now = server_now_ms();
  for (int i = 0; i < 20; ++i) seed(i % 4, 1, "soon" + std::to_string(i) + "-", now + 300 + 13 * i);
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  EXPECT_TRUE(eventually([&] { return subject->status().totals.processed == 20; }));
  EXPECT_EQ(subject->status().cycles, 1u);
}

TEST_F(early_visits, come_soon_when_the_next_item_came_due_during_the_scan) {
  auto slow = plan("works_long");
  slow.settings.interval = 1h;
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  EXPECT_TRUE(eventually([&] { return subject->status().totals.processed >= 20; }));
  EXPECT_EQ(subject->status().cycles, 1u);
}

TEST_F(early_visits, have_their_lateness_measured) {
  auto slow = plan("sweeps_due");
  slow.settings.interval = 1h;
  seed(2, 5, "soon", server_now_ms() + 300);
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  EXPECT_TRUE(
      eventually([&] { return metric("scanhost_lateness_seconds_count{scanner=\"sweeps_due\"}") == 5; }));
}

// What an early visit does is in the totals, but in no report of a cycle.
TEST_F(early_visits, are_not_made_in_a_run_of_so_many_cycles) {
  const auto now = server_now_ms();
  for (int i = 0; i < 50; ++i) seed(i % 4, 1, "soon" + std::to_string(i) + "-", now + 2 * i);
  const auto reports = run(200, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  std::uint64_t processed = 0;
  for (const auto& report : *reports) processed += report.counts.processed;
  EXPECT_GT(processed, 0u);
  EXPECT_EQ(metric("scanhost_processed_total{scanner=\"sweeps_due\"}"), static_cast<double>(processed));
}

}  // namespace
}  // namespace scanhost::test
