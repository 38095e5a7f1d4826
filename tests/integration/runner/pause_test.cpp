// SPDX-License-Identifier: Apache-2.0
//
// Paused by hand, and told to make a cycle at once.
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

using paused_scanner = runner_test;

TEST_F(paused_scanner, does_nothing_until_it_is_resumed) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 1; }));
  subject->set_paused(true);
  EXPECT_TRUE(subject->status().paused);
  // What was under way ends; from then on the number of cycles stands still.
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::waiting; }));
  seed(0, 10);
  const auto other = scanner(plan("keeps_state"));  // its cycles tell the time
  other->start(0ms);
  ASSERT_TRUE(eventually([&] { return other->status().cycles >= 3; }));
  EXPECT_EQ(left(0), 10);
  subject->set_paused(false);
  EXPECT_TRUE(eventually([&] { return left(0) == 0; }));
  EXPECT_FALSE(subject->status().paused);
}

TEST_F(paused_scanner, ends_its_scans_at_their_next_turn_and_counts_no_cycle) {
  for (int partition = 0; partition < 4; ++partition)
    for (int chunk = 0; chunk < 20; ++chunk) seed(partition, 1000, "item" + std::to_string(chunk) + "-");
  auto slow = plan("sweeps_due");
  slow.settings.concurrency = 1;
  slow.settings.page_size = 1;
  slow.settings.budget.time = 1h;
  const auto subject = scanner(std::move(slow));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return left(0) < 20'000; }));
  subject->set_paused(true);
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::waiting; }));
  EXPECT_EQ(subject->status().cycles, 0u);
  EXPECT_GT(left(3), 0);
}

TEST_F(paused_scanner, can_be_stopped) {
  const auto subject = scanner(plan("sweeps_due"));
  subject->set_paused(true);
  subject->start(0ms);
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
  EXPECT_EQ(subject->status().cycles, 0u);
}

TEST_F(paused_scanner, makes_a_cycle_at_once_when_told) {
  auto rare = plan("sweeps_due");
  rare.settings.interval = 1h;
  const auto subject = scanner(std::move(rare));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles == 1; }));
  subject->run_now();
  EXPECT_TRUE(eventually([&] { return subject->status().cycles == 2; }));
}

}  // namespace
}  // namespace scanhost::test
