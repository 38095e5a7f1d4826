// SPDX-License-Identifier: Apache-2.0
//
// Which lines of a plugin are held back.
#include "runner/record/repeat_filter.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class repeated_lines : public testing::Test {
 protected:
  // In a scan of its own.
  repeat_filter::decision decide(std::uint64_t line, base::steady_time now) {
    scan_ += std::chrono::nanoseconds(1);
    return filter_.decide(line, scan_, now);
  }

  base::steady_time scan_{};
  repeat_filter filter_;
  base::steady_time now_{hours(1000)};
};

TEST_F(repeated_lines, are_written_once) {
  EXPECT_TRUE(decide(1, now_).write);
  EXPECT_FALSE(decide(1, now_ + minutes(1)).write);
  EXPECT_TRUE(decide(2, now_ + minutes(1)).write);
}

TEST_F(repeated_lines, are_written_again_after_a_day_with_their_number) {
  decide(1, now_);
  for (int i = 1; i < 24 * 2; ++i) ASSERT_FALSE(decide(1, now_ + i * minutes(30)).write) << i;
  const auto later = decide(1, now_ + hours(24));
  EXPECT_TRUE(later.write);
  EXPECT_EQ(later.held_back, 47u);
  EXPECT_FALSE(decide(1, now_ + hours(24) + minutes(30)).write);
}

TEST_F(repeated_lines, are_news_when_they_did_not_come_for_an_hour) {
  decide(1, now_);
  decide(1, now_ + minutes(1));
  const auto later = decide(1, now_ + minutes(61));
  EXPECT_TRUE(later.write);
  EXPECT_EQ(later.held_back, 0u);
}

TEST_F(repeated_lines, are_written_within_one_scan) {
  EXPECT_TRUE(filter_.decide(1, now_, now_).write);
  EXPECT_TRUE(filter_.decide(1, now_, now_).write);
  EXPECT_FALSE(filter_.decide(1, now_ + minutes(1), now_ + minutes(1)).write);
}

TEST_F(repeated_lines, are_news_for_another_build) {
  decide(1, now_);
  filter_.reset();
  EXPECT_TRUE(decide(1, now_).write);
}

TEST_F(repeated_lines, are_known_up_to_a_limit) {
  for (std::uint64_t line = 0; line < repeat_filter::max_lines; ++line) decide(line, now_);
  EXPECT_FALSE(decide(0, now_).write);
  EXPECT_TRUE(decide(repeat_filter::max_lines, now_).write);
  EXPECT_TRUE(decide(0, now_).write) << "it began anew";
}

TEST_F(repeated_lines, make_room_for_others_once_they_are_old) {
  decide(0, now_ + hours(1));
  for (std::uint64_t line = 1; line < repeat_filter::max_lines; ++line) decide(line, now_);
  EXPECT_TRUE(decide(repeat_filter::max_lines, now_ + hours(1)).write);
  EXPECT_FALSE(decide(0, now_ + hours(1)).write);
}

}  // namespace
}  // namespace scanhost::runner
