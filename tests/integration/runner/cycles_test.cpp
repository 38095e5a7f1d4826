// SPDX-License-Identifier: Apache-2.0
//
// So many full cycles on a real server.
#include <gmock/gmock.h>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using cycles = runner_test;  // named for what is tested

TEST_F(cycles, visit_every_partition_once) {
  for (int partition = 0; partition < 4; ++partition) seed(partition, 3);
  const auto reports = run(1, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  ASSERT_EQ(reports->size(), 1u);
  EXPECT_EQ(reports->front().counts.processed, 12u);
  EXPECT_EQ(reports->front().counts.errors, 0u);
  for (int partition = 0; partition < 4; ++partition) EXPECT_EQ(left(partition), 0);
}

TEST_F(cycles, run_as_often_as_asked_without_the_interval) {
  auto slow = plan("sweeps_due");
  slow.settings.interval = 1h;
  const auto reports = run(5, std::move(slow));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->size(), 5u);
  EXPECT_EQ(metric("test_scanner_cycle_total{scanner=\"sweeps_due\"}"), 5);
  EXPECT_EQ(metric("scanhost_scanner_cycle_total{scanner=\"sweeps_due\"}"), 5);
  EXPECT_EQ(metric("scanhost_scanner_cycle_duration_seconds_count{scanner=\"sweeps_due\"}"), 5);
}

// The handshake asks once; what checks the store asks for the first cycle, too.
TEST_F(cycles, ask_the_server_for_its_time_once_each) {
  const auto reports = run(3, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_THAT(server_.call({"INFO", "commandstats"}).text, HasSubstr("cmdstat_time:calls=4,"));
}

TEST_F(cycles, leave_every_state_of_the_store_at_zero_while_it_serves) {
  const auto reports = run(1, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  for (std::size_t i = 1; i < store::state_count; ++i) {
    const auto labels = "{cause=\"" + std::string(store::label_of(static_cast<store::state>(i))) +
                        "\",scanner=\"sweeps_due\"}";
    EXPECT_EQ(metric("scanhost_store_errors_total" + labels), 0) << labels;
    EXPECT_EQ(metric("scanhost_store_trouble" + labels), 0) << labels;
  }
}

TEST_F(cycles, act_on_exactly_one_page_when_drain_is_off) {
  seed(1, 300);
  auto paged = plan("sweeps_due");
  paged.settings.drain = false;
  const auto reports = run(1, std::move(paged));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 50u);
  EXPECT_EQ(left(1), 250);
}

TEST_F(cycles, act_on_all_that_is_due_when_drain_is_on) {
  seed(1, 300);
  const auto reports = run(1, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 300u);
  EXPECT_EQ(left(1), 0);
}

TEST_F(cycles, stop_draining_when_the_budget_of_calls_is_spent) {
  seed(0, 300);
  auto frugal = plan("sweeps_due");
  frugal.settings.budget.calls = 100;
  const auto reports = run(2, std::move(frugal));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ((*reports)[0].counts.processed, 100u);
  EXPECT_EQ((*reports)[1].counts.processed, 100u);
}

TEST_F(cycles, share_turns_over_partitions_when_few_scans_may_be_in_flight) {
  for (int partition = 0; partition < 4; ++partition) seed(partition, 200);
  auto narrow = plan("sweeps_due");
  narrow.settings.concurrency = 1;
  narrow.settings.budget.calls = 400;
  const auto reports = run(1, std::move(narrow));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 400u);
  for (int partition = 0; partition < 4; ++partition) EXPECT_EQ(left(partition), 100) << partition;
}

TEST_F(cycles, get_through_a_window_that_is_smaller_than_the_work) {
  for (int partition = 0; partition < 4; ++partition) seed(partition, 500);
  auto tight = plan("sweeps_due");
  tight.store.max_in_flight = 8;
  const auto reports = run(1, std::move(tight));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 2000u);
}

TEST_F(cycles, page_past_items_that_fail_and_hold_them_back_in_the_next_cycles) {
  seed(0, 70, "bad");
  seed(0, 70, "good");
  const auto reports = run(4, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ((*reports)[0].counts.processed, 70u);
  EXPECT_EQ((*reports)[0].counts.errors, 70u);
  EXPECT_EQ((*reports)[2].counts.errors, 70u);
  EXPECT_EQ((*reports)[3].counts.errors, 0u);
  EXPECT_EQ((*reports)[3].counts.skipped, 70u);
  EXPECT_EQ(metric("scanhost_backoff_items{scanner=\"sweeps_due\"}"), 70);
}

TEST_F(cycles, count_failures_of_items_by_their_cause) {
  seed(0, 2, "bad");
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().totals.errors >= 4; }));
  const auto status = subject->status();
  ASSERT_EQ(status.failure_causes.size(), 1u);
  EXPECT_NE(status.failure_causes.begin()->first, "");
  EXPECT_GE(status.failure_causes.begin()->second, 4u);
}

TEST_F(cycles, try_items_again_in_the_tenth_cycle_after_their_third_failure) {
  seed(0, 1, "bad");
  const auto reports = run(13, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  for (std::size_t cycle = 0; cycle < 13; ++cycle)
    EXPECT_EQ((*reports)[cycle].counts.errors, cycle < 3 || cycle == 12 ? 1u : 0u) << cycle + 1;
}

TEST_F(cycles, write_the_backlog_when_every_partition_gave_a_sample) {
  seed(0, 5, "later", server_now_ms() + 3'600'000);
  seed(2, 2, "later", server_now_ms() + 3'600'000);
  const auto reports = run(1, plan("sweeps_due"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().backlog, 7u);
  EXPECT_EQ(metric("test_backlog_depth"), 7);
}

TEST_F(cycles, write_no_backlog_when_one_partition_gave_no_sample) {
  seed(2, 2, "later", server_now_ms() + 3'600'000);
  auto partial = plan("sweeps_due");
  partial.settings.options["unsampled"] = std::int64_t{0};
  const auto reports = run(1, std::move(partial));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_FALSE(reports->front().backlog);
  EXPECT_EQ(metric("test_backlog_depth"), 0);
}

TEST_F(cycles, label_the_backlog_of_a_further_scanner_of_a_plugin) {
  seed(2, 2, "later", server_now_ms() + 3'600'000);
  auto second = plan("sweeps_due");
  second.settings.name = "sweeps_due@acme";
  ASSERT_TRUE(run(1, std::move(second)));
  EXPECT_EQ(metric("test_backlog_depth{scanner=\"sweeps_due@acme\"}"), 2);
}

TEST_F(cycles, count_into_the_metrics_of_the_host_and_of_the_plugin) {
  seed(0, 3);
  seed(1, 1, "bad");
  ASSERT_TRUE(run(1, plan("sweeps_due")));
  EXPECT_EQ(metric("scanhost_processed_total{scanner=\"sweeps_due\"}"), 3);
  EXPECT_EQ(metric("scanhost_errors_total{scanner=\"sweeps_due\"}"), 1);
  EXPECT_EQ(metric("scanhost_generation{scanner=\"sweeps_due\"}"), 1);
  EXPECT_EQ(metric("test_scanner_cycle_duration_seconds_count{scanner=\"sweeps_due\"}"), 1);
  EXPECT_EQ(metric("test_removed_total{scanner=\"sweeps_due\"}"), 3);
}

TEST_F(cycles, run_a_serial_plugin_that_blocks) {
  seed(0, 45);
  seed(3, 7);
  const auto reports = run(2, plan("sweeps_due_blocking"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ((*reports)[0].counts.processed, 52u);
  EXPECT_EQ((*reports)[1].counts.processed, 0u);
  EXPECT_EQ(left(0), 0);
}

TEST_F(cycles, answer_calls_that_break_a_rule_and_go_on) {
  const auto reports = run(1, plan("breaks_rules"));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 4u * 9u);
}

TEST_F(cycles, end_with_an_error_when_the_store_cannot_be_reached) {
  auto lost = plan("sweeps_due");
  lost.store.socket_path = file("nobody-listens-here").string();
  lost.store.connect_timeout = 200ms;
  const auto reports = run(1, std::move(lost));
  ASSERT_FALSE(reports);
  EXPECT_EQ(reports.error().code, base::errc::unavailable);
}

TEST_F(cycles, end_with_an_error_when_the_plugin_cannot_be_created) {
  auto uncreatable = plan("fails_in_create");
  uncreatable.settings.options["file"] = file("missing").string();
  const auto reports = run(1, std::move(uncreatable));
  ASSERT_FALSE(reports);
  EXPECT_EQ(reports.error().code, base::errc::software);
  EXPECT_NE(reports.error().message.find("the file is not there"), std::string::npos)
      << reports.error().message;
}

}  // namespace
}  // namespace scanhost::test
