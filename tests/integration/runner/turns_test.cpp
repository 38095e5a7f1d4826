// SPDX-License-Identifier: Apache-2.0
//
// Acting commands of several items, and more of them than turns allow.
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

class acting_commands : public runner_test {
 protected:
  plan::scanner_plan acting(std::int64_t commands, std::int64_t items) {
    auto result = plan("acts_beyond");
    result.settings.options["commands"] = commands;
    result.settings.options["items"] = items;
    return result;
  }
  double beyond() const { return metric("scanhost_beyond_allowance_total{scanner=\"acts_beyond\"}"); }
};

TEST_F(acting_commands, within_the_turns_are_not_reported) {
  const auto reports = run(2, acting(10, 1));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->back().counts.processed, 40u);
  EXPECT_EQ(reports->back().counts.beyond_allowance, 0u);
  EXPECT_EQ(beyond(), 0);
}

TEST_F(acting_commands, beyond_the_turns_are_counted_in_the_cycle_and_as_a_metric) {
  const auto reports = run(2, acting(13, 1));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.beyond_allowance, 12u);
  EXPECT_EQ(beyond(), 24);
}

TEST_F(acting_commands, count_each_of_their_items_against_the_turns) {
  const auto reports = run(1, acting(3, 5));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.beyond_allowance, 20u);
}

TEST_F(acting_commands, beyond_the_turns_are_in_the_status) {
  const auto subject = scanner(acting(11, 1));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 2; }));
  const auto status = subject->status();
  EXPECT_EQ(status.last_cycle->counts.beyond_allowance, 4u);
  EXPECT_GE(status.totals.beyond_allowance, 8u);
}

TEST_F(acting_commands, are_as_late_as_often_as_they_have_items) {
  const auto subject = scanner(acting(1, 7));
  subject->start(0ms);
  const auto measured = [&] { return metric("scanhost_lateness_seconds_count{scanner=\"acts_beyond\"}"); };
  ASSERT_TRUE(eventually([&] { return measured() >= 7; }));
  subject->request_stop();
  subject->join(base::steady::now() + 60s, 1s);
  EXPECT_EQ(static_cast<int>(measured()) % 7, 0) << measured();
}

}  // namespace
}  // namespace scanhost::test
