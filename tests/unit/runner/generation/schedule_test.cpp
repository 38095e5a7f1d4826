// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/schedule.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

const base::steady_time start = base::steady_time(1000s);

TEST(schedule, begins_at_its_first_start) {
  const schedule plan(1500ms, start + 300ms);
  EXPECT_FALSE(plan.due(start));
  EXPECT_TRUE(plan.due(start + 300ms));
}

TEST(schedule, starts_one_interval_after_the_last_cycle_started) {
  schedule plan(1500ms, start);
  plan.begin_cycle(start + 7ms);
  EXPECT_EQ(plan.next_start(), start + 1507ms);
}

TEST(schedule, is_due_at_once_after_a_cycle_that_took_longer_than_the_interval) {
  schedule plan(1500ms, start);
  plan.begin_cycle(start);
  EXPECT_TRUE(plan.due(start + 4s));
}

TEST(schedule, never_starts_more_often_than_every_100_ms) {
  schedule plan(1ms, start);
  plan.begin_cycle(start);
  EXPECT_EQ(plan.next_start(), start + 100ms);
}

TEST(schedule, spreads_the_first_starts_evenly) {
  EXPECT_EQ(first_delay(0, 4, 800ms), 0ms);
  EXPECT_EQ(first_delay(1, 4, 800ms), 200ms);
  EXPECT_EQ(first_delay(3, 4, 800ms), 600ms);
}

TEST(schedule, spreads_the_first_starts_over_a_second_at_most) { EXPECT_EQ(first_delay(1, 2, 60s), 500ms); }

TEST(schedule, has_no_first_delay_among_no_scanners) { EXPECT_EQ(first_delay(0, 0, 60s), 0ms); }

TEST(restart_wait, doubles_from_one_second_to_thirty) {
  restart_wait wait;
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) EXPECT_EQ(wait.next(), expected);
}

TEST(restart_wait, starts_over_after_a_good_cycle) {
  restart_wait wait;
  wait.next();
  wait.next();
  wait.reset();
  EXPECT_EQ(wait.next(), 1s);
}

}  // namespace
}  // namespace scanhost::runner
