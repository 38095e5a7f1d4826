// SPDX-License-Identifier: Apache-2.0
#include "admin/history.hpp"

#include <gmock/gmock.h>

namespace scanhost::admin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class history_test : public testing::Test {
 protected:
  void add_after(milliseconds wait, const std::vector<observation>& scanners) {
    now_ += wait;
    hour_.add(scanners, base::steady_time(now_), base::timestamp(now_));
  }
  void add(const std::vector<observation>& scanners) { add_after(history::step, scanners); }

  const history::points& points_of(const std::string& scanner) const {
    return hour_.scanners().find(scanner)->second;
  }

  history hour_;
  milliseconds now_{1'000'000};
};

observation sweeper(std::uint64_t processed = 0, std::uint64_t unchanged = 0, std::uint64_t errors = 0) {
  observation seen;
  seen.scanner = "sweeper";
  seen.totals.processed = processed;
  seen.totals.unchanged = unchanged;
  seen.totals.errors = errors;
  return seen;
}

// `count` items in the bucket of this index.
observation late_by(std::size_t bucket, std::uint64_t count) {
  auto seen = sweeper();
  seen.lateness.assign(metrics::lateness_bounds().size() + 1, 0);
  seen.lateness.at(bucket) = count;
  return seen;
}

observation waits(std::uint64_t backlog) {
  auto seen = sweeper();
  seen.backlog = backlog;
  return seen;
}

TEST_F(history_test, has_rates_of_the_time_between_two_points) {
  add({sweeper(1000, 100, 10)});
  add_after(seconds(20), {sweeper(1400, 300, 11)});
  const auto& latest = points_of("sweeper").back();
  EXPECT_DOUBLE_EQ(latest.processed_per_second.value(), 20);
  EXPECT_DOUBLE_EQ(latest.unchanged_per_second.value(), 10);
  EXPECT_DOUBLE_EQ(latest.errors_per_second.value(), 0.05);
}

TEST_F(history_test, has_no_rate_in_the_first_point_of_a_scanner) {
  add({sweeper(1000)});
  EXPECT_FALSE(points_of("sweeper").back().processed_per_second);
  EXPECT_FALSE(points_of("sweeper").back().lateness_p99);
}

TEST_F(history_test, has_what_is_waiting_at_the_moment) {
  auto seen = sweeper();
  seen.backlog = 7;
  seen.oldest_overdue = milliseconds(1500);
  add({seen});
  add({sweeper()});
  EXPECT_EQ(points_of("sweeper").front().backlog, 7u);
  EXPECT_EQ(points_of("sweeper").front().oldest_overdue, milliseconds(1500));
  EXPECT_FALSE(points_of("sweeper").back().backlog);
  EXPECT_FALSE(points_of("sweeper").back().oldest_overdue);
}

// The buckets from 10 to 25 ms and from 100 to 250 ms.
TEST_F(history_test, has_the_lateness_of_what_was_acted_on_since_the_point_before) {
  add({late_by(7, 1'000'000)});
  auto seen = late_by(7, 1'000'000);
  seen.lateness.at(4) = 100;
  add({seen});
  EXPECT_EQ(points_of("sweeper").back().lateness_p99, milliseconds(25));
}

TEST_F(history_test, has_no_lateness_when_nothing_was_acted_on) {
  add({late_by(4, 100)});
  add({late_by(4, 100)});
  EXPECT_FALSE(points_of("sweeper").back().lateness_p99);
}

TEST_F(history_test, counts_from_0_when_a_scanner_was_added_again_between_two_points) {
  add({sweeper(1000)});
  add({sweeper(30)});
  EXPECT_DOUBLE_EQ(points_of("sweeper").back().processed_per_second.value(), 2);
}

TEST_F(history_test, ends_the_series_of_a_scanner_with_the_scanner) {
  auto other = sweeper(5);
  other.scanner = "other";
  add({sweeper(1000), other});
  add({other});
  EXPECT_FALSE(hour_.scanners().contains("sweeper"));
  add({sweeper(1000), other});
  ASSERT_EQ(points_of("sweeper").size(), 1u);
  EXPECT_FALSE(points_of("sweeper").back().processed_per_second);
  EXPECT_EQ(points_of("other").size(), 3u);
}

TEST_F(history_test, keeps_an_hour) {
  for (std::uint64_t i = 0; i < history::max_points + 5; ++i) add({sweeper(15 * i * i)});
  EXPECT_EQ(hour_.moments().size(), history::max_points);
  EXPECT_EQ(points_of("sweeper").size(), history::max_points);
  EXPECT_EQ(hour_.moments().back(), base::timestamp(now_));
  EXPECT_EQ(hour_.moments().back() - hour_.moments().front(), std::chrono::hours(1) - history::step);
  EXPECT_DOUBLE_EQ(points_of("sweeper").front().processed_per_second.value(), 9);  // of the sixth
}

TEST_F(history_test, foresees_when_a_backlog_that_falls_is_gone) {
  for (const std::uint64_t waiting : {500, 400, 350, 200}) add({waits(waiting)});
  // 300 in three steps, so 200 are gone after two more.
  EXPECT_EQ(hour_.backlog_clears_in("sweeper"), 2 * history::step);
}

TEST_F(history_test, looks_back_two_minutes_to_foresee) {
  for (const std::uint64_t waiting : {9000, 80, 80, 80, 80, 80, 80, 80, 80, 40}) add({waits(waiting)});
  EXPECT_EQ(hour_.backlog_clears_in("sweeper"), std::chrono::minutes(2));
}

TEST_F(history_test, foresees_nothing_of_a_backlog_that_grows_stays_or_is_not_known) {
  EXPECT_FALSE(hour_.backlog_clears_in("sweeper"));
  for (const std::uint64_t waiting : {50, 30}) add({waits(waiting)});
  EXPECT_FALSE(hour_.backlog_clears_in("sweeper")) << "one step is too short";
  add({waits(50)});
  EXPECT_FALSE(hour_.backlog_clears_in("sweeper"));
  add({sweeper()});
  EXPECT_FALSE(hour_.backlog_clears_in("sweeper"));
}

TEST_F(history_test, foresees_no_wait_where_nothing_waits) {
  for (const std::uint64_t waiting : {50, 30, 0}) add({waits(waiting)});
  EXPECT_EQ(hour_.backlog_clears_in("sweeper"), milliseconds(0));
}

TEST_F(history_test, gives_the_highest_lateness_of_two_minutes) {
  EXPECT_FALSE(hour_.lateness_p99("sweeper"));
  auto late = sweeper();
  late.lateness.assign(metrics::lateness_bounds().size() + 1, 0);
  add({late});
  EXPECT_FALSE(hour_.lateness_p99("sweeper")) << "nothing was acted on";
  late.lateness[3] = 10;
  add({late});
  const auto high = hour_.lateness_p99("sweeper");
  ASSERT_TRUE(high);
  late.lateness[0] += 10;
  for (std::size_t step = 1; step < history::trend_points - 1; ++step) add({late});
  EXPECT_EQ(hour_.lateness_p99("sweeper"), high);
  add({late});
  EXPECT_NE(hour_.lateness_p99("sweeper"), high) << "that was more than two minutes ago";
}

TEST_F(history_test, is_due_at_once_and_then_once_a_step) {
  const auto at = [&](milliseconds after) { return base::steady_time(now_ + after); };
  EXPECT_TRUE(hour_.is_due(at(milliseconds(0))));
  add_after(milliseconds(0), {});
  EXPECT_FALSE(hour_.is_due(at(history::step - milliseconds(1))));
  EXPECT_TRUE(hour_.is_due(at(history::step)));
}

TEST_F(history_test, is_due_no_later_because_a_point_was_late) {
  add({});
  add_after(history::step + milliseconds(900), {});
  EXPECT_TRUE(hour_.is_due(base::steady_time(now_ + history::step - milliseconds(900))));
}

TEST_F(history_test, does_not_make_up_for_points_that_were_missed) {
  add({});
  add_after(10 * history::step, {});
  EXPECT_FALSE(hour_.is_due(base::steady_time(now_ + history::step - milliseconds(1))));
}

}  // namespace
}  // namespace scanhost::admin
