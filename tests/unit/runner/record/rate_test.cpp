// SPDX-License-Identifier: Apache-2.0
#include "runner/record/rate.hpp"

#include <gtest/gtest.h>

#include "unit/runner/start_time.hpp"

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

TEST(rate, is_zero_when_nothing_happened) { EXPECT_EQ(rate().per_second(t0), 0); }

TEST(rate, averages_over_ten_seconds) {
  rate processed;
  for (int second = 0; second < 10; ++second) processed.add(50, t0 + std::chrono::seconds(second));
  EXPECT_DOUBLE_EQ(processed.per_second(t0 + 10s), 50);
}

TEST(rate, forgets_what_is_long_ago) {
  rate processed;
  processed.add(1000, t0);
  EXPECT_GT(processed.per_second(t0 + 10s), 0);
  EXPECT_EQ(processed.per_second(t0 + 11s), 0);
}

TEST(rate, does_not_mix_up_seconds_that_share_a_place) {
  rate processed;
  processed.add(1000, t0);
  processed.add(10, t0 + 11s);
  EXPECT_DOUBLE_EQ(processed.per_second(t0 + 11s), 1);
}

}  // namespace
}  // namespace scanhost::runner
