// SPDX-License-Identifier: Apache-2.0
//
// The waits between attempts to connect.
#include "store/connection/back_off.hpp"

#include <gtest/gtest.h>

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;

TEST(back_off, doubles_up_to_the_longest_wait) {
  back_off waits;
  EXPECT_EQ(waits.next(1.0), 50ms);
  EXPECT_EQ(waits.next(1.0), 100ms);
  for (int i = 0; i < 20; ++i) waits.next(1.0);
  EXPECT_EQ(waits.next(1.0), back_off::max_wait);
}

TEST(back_off, spreads_clients_over_half_of_the_step) {
  back_off low;
  back_off high;
  EXPECT_EQ(low.next(0.0), 25ms);
  EXPECT_EQ(high.next(0.999), 49ms);
}

TEST(back_off, leaves_time_to_connect_within_two_seconds) { EXPECT_LT(back_off::max_wait, 2s); }

TEST(back_off, begins_anew_after_a_reset) {
  back_off waits;
  for (int i = 0; i < 5; ++i) waits.next(1.0);
  waits.reset();
  EXPECT_EQ(waits.next(1.0), back_off::first);
}

}  // namespace
}  // namespace scanhost::store
