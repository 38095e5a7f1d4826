// SPDX-License-Identifier: Apache-2.0
//
// Running as a service: intervals, the stop, and what is visible meanwhile.
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using runner::scanner_state;

using service = runner_test;

TEST_F(service, runs_cycle_after_cycle) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 3; }));
  seed(0, 10);
  EXPECT_TRUE(eventually([&] { return subject->status().totals.processed == 10; }));
}

TEST_F(service, says_what_it_is_and_how_its_store_is) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 1; }));
  const auto status = subject->status();
  EXPECT_EQ(status.name, "sweeps_due");
  EXPECT_EQ(status.plugin_version, "1.0");
  EXPECT_EQ(status.generation, 1u);
  EXPECT_EQ(status.sha256.size(), 64u);
  EXPECT_EQ(status.interval, 100ms);
  EXPECT_EQ(status.store.state, store::connection_state::up);
}

TEST_F(service, is_stopped_after_a_stop) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 1; }));
  subject->request_stop();
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
  EXPECT_EQ(subject->status().state, scanner_state::stopped);
}

TEST_F(service, can_be_stopped_before_its_first_cycle) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(1h);
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
  EXPECT_EQ(subject->status().cycles, 0u);
}

TEST_F(service, counts_no_cycle_that_a_stop_cut_short_but_what_was_done) {
  for (int partition = 0; partition < 4; ++partition)
    for (int chunk = 0; chunk < 20; ++chunk) seed(partition, 1000, "item" + std::to_string(chunk) + "-");
  auto slow = plan("sweeps_due");
  slow.settings.concurrency = 1;
  slow.settings.page_size = 1;
  slow.settings.budget.time = 1h;
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return left(0) < 20'000; }));
  subject->request_stop();
  ASSERT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
  const auto done = 80'000 - left(0) - left(1) - left(2) - left(3);
  EXPECT_EQ(subject->status().cycles, 0u);
  EXPECT_EQ(subject->status().totals.processed, static_cast<std::uint64_t>(done));
  EXPECT_EQ(metric("test_scanner_cycle_total{scanner=\"sweeps_due\"}"), 0);
  EXPECT_LT(done, 80'000);
}

TEST_F(service, cancels_at_the_deadline_what_does_not_stop) {
  const auto subject = scanner(plan("waits_long"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().state == scanner_state::cycling; }));
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now(), 60s), runner::stop_outcome::stopped);
  EXPECT_LE(subject->status().totals.processed, 3u);
}

TEST_F(service, waits_for_a_store_that_is_not_there_yet) {
  server_.kill();
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().totals.errors > 0; }));
  server_.start();
  seed(1, 3);
  EXPECT_TRUE(eventually([&] { return subject->status().totals.processed == 3; }));
  EXPECT_EQ(subject->status().restarts, 0u);
}

}  // namespace
}  // namespace scanhost::test
