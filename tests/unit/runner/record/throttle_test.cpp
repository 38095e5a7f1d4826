// SPDX-License-Identifier: Apache-2.0
#include "runner/record/throttle.hpp"

#include <gtest/gtest.h>

#include "unit/runner/start_time.hpp"

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

TEST(throttle, writes_up_to_its_limit_in_a_second) {
  throttle lines(2);
  EXPECT_TRUE(lines.decide(t0).write);
  EXPECT_TRUE(lines.decide(t0 + 1ms).write);
  EXPECT_FALSE(lines.decide(t0 + 2ms).write);
}

TEST(throttle, writes_again_in_the_next_second_and_says_how_many_were_left_out) {
  throttle lines(1);
  lines.decide(t0);
  lines.decide(t0);
  lines.decide(t0);
  const auto next = lines.decide(t0 + 1s);
  EXPECT_TRUE(next.write);
  EXPECT_EQ(next.left_out, 2u);
}

TEST(throttle, reports_what_was_left_out_once) {
  throttle lines(1);
  lines.decide(t0);
  lines.decide(t0);
  EXPECT_EQ(lines.decide(t0 + 1s).left_out, 1u);
  EXPECT_EQ(lines.decide(t0 + 2s).left_out, 0u);
}

}  // namespace
}  // namespace scanhost::runner
