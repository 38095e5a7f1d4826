// SPDX-License-Identifier: Apache-2.0
//
// When a cluster is asked for its topology.
#include "store/cluster/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

const base::steady_time start{std::chrono::hours(1)};
using schedule_type = refresh_schedule;

TEST(refresh_schedule, asks_at_the_first_request) {
  schedule_type schedule;
  EXPECT_FALSE(schedule.due());
  schedule.request(start);
  EXPECT_EQ(schedule.due(), start);
}

TEST(refresh_schedule, has_one_question_under_way) {
  schedule_type schedule;
  schedule.begin(start);
  schedule.request(start);
  EXPECT_FALSE(schedule.due());
}

TEST(refresh_schedule, keeps_its_distance) {
  schedule_type schedule;
  schedule.begin(start);
  schedule.end(start, true, 0.5);
  schedule.request(start + base::milliseconds(1));
  schedule.request(start + base::milliseconds(2));
  EXPECT_EQ(schedule.due(), start + schedule_type::min_distance);
}

TEST(refresh_schedule, asks_again_after_a_hint_that_came_during_the_question) {
  schedule_type schedule;
  schedule.begin(start);
  schedule.request(start + base::milliseconds(1));
  schedule.end(start + base::milliseconds(2), true, 0.5);
  EXPECT_EQ(schedule.due(), start + schedule_type::min_distance);
}

TEST(refresh_schedule, asks_now_and_then_with_jitter) {
  for (const double random : {0.0, 0.9}) {
    schedule_type schedule;
    schedule.begin(start);
    schedule.end(start, true, random);
    EXPECT_GE(*schedule.due(), start + schedule_type::period / 2);
    EXPECT_LE(*schedule.due(), start + schedule_type::period);
  }
}

TEST(refresh_schedule, asks_soon_after_a_question_without_an_answer) {
  schedule_type schedule;
  schedule.begin(start);
  schedule.end(start, false, 0.9);
  EXPECT_LE(*schedule.due(), start + schedule_type::retry);
}

}  // namespace
}  // namespace scanhost::store
