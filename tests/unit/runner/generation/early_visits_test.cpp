// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/early_visits.hpp"

#include <gmock/gmock.h>

#include "unit/runner/start_time.hpp"

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(early_visits, plans_nothing_when_nothing_is_known) {
  early_visits visits;
  EXPECT_FALSE(visits.next_departure());
  EXPECT_THAT(visits.take(t0), IsEmpty());
}

TEST(early_visits, leaves_just_after_the_candidate_came_due) {
  early_visits visits;
  visits.know(3, t0 + 50ms);
  EXPECT_EQ(visits.next_departure(), t0 + 51ms);
  EXPECT_THAT(visits.take(t0 + 50ms), IsEmpty());
  EXPECT_THAT(visits.take(t0 + 51ms), ElementsAre(3));
}

TEST(early_visits, forgets_a_partition_that_it_sent_a_visit_to) {
  early_visits visits;
  visits.know(3, t0);
  visits.take(t0 + 1ms);
  EXPECT_FALSE(visits.next_departure());
}

TEST(early_visits, lets_those_due_within_the_gap_leave_together) {
  early_visits visits;
  visits.know(0, t0);
  visits.take(t0 + 1ms);
  visits.know(1, t0 + 1ms);
  visits.know(2, t0 + 4ms);
  EXPECT_EQ(visits.next_departure(), t0 + 6ms);
  EXPECT_THAT(visits.take(t0 + 2ms), IsEmpty());
  EXPECT_THAT(visits.take(t0 + 6ms), ElementsAre(1, 2));
}

TEST(early_visits, does_not_wait_for_the_gap_when_the_last_departure_is_long_ago) {
  early_visits visits;
  visits.know(0, t0);
  visits.take(t0 + 1ms);
  visits.know(1, t0 + 100ms);
  EXPECT_EQ(visits.next_departure(), t0 + 101ms);
}

TEST(early_visits, visits_one_partition_at_most_every_10_ms) {
  early_visits visits;
  visits.know(7, t0);
  visits.take(t0 + 1ms);
  visits.know(7, t0 + 2ms);
  EXPECT_EQ(visits.next_departure(), t0 + 11ms);
}

TEST(early_visits, takes_the_earliest_first) {
  early_visits visits;
  visits.know(1, t0 + 3ms);
  visits.know(2, t0 + 1ms);
  EXPECT_THAT(visits.take(t0 + 10ms), ElementsAre(2, 1));
}

TEST(early_visits, leaves_later_ones_in_the_plan) {
  early_visits visits;
  visits.know(1, t0);
  visits.know(2, t0 + 1s);
  EXPECT_THAT(visits.take(t0 + 1ms), ElementsAre(1));
  EXPECT_EQ(visits.next_departure(), t0 + 1001ms);
}

TEST(early_visits, keeps_only_the_newest_of_what_it_is_told_of_a_partition) {
  early_visits visits;
  visits.know(1, t0);
  visits.know(1, t0 + 1s);
  EXPECT_EQ(visits.next_departure(), t0 + 1001ms);
  EXPECT_THAT(visits.take(t0 + 2s), ElementsAre(1));
  EXPECT_FALSE(visits.next_departure());
}

TEST(early_visits, drops_a_partition_that_is_to_be_forgotten) {
  early_visits visits;
  visits.know(1, t0);
  visits.forget(1);
  visits.forget(99);
  EXPECT_FALSE(visits.next_departure());
}

TEST(early_visits, drops_everything_on_clear) {
  early_visits visits;
  visits.know(1, t0);
  visits.know(2, t0);
  visits.clear();
  EXPECT_FALSE(visits.next_departure());
  visits.know(1, t0);
  EXPECT_THAT(visits.take(t0 + 1ms), ElementsAre(1));
}

TEST(early_visits, forgets_a_partition_that_is_removed) {
  early_visits visits;
  visits.know(1, t0);
  EXPECT_EQ(visits.take(t0 + 5ms).size(), 1u);
  visits.know(1, t0 + 5ms);
  visits.remove(1);
  EXPECT_FALSE(visits.next_departure());
  // The number's next partition does not wait for the gap after the last one's visit.
  visits.know(1, t0 + 5ms);
  EXPECT_EQ(visits.next_departure(), t0 + 10ms);
}

}  // namespace
}  // namespace scanhost::runner
