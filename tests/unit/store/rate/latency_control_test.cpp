// SPDX-License-Identifier: Apache-2.0
#include "store/rate/latency_control.hpp"

#include <gtest/gtest.h>

#include "store/rate/latency_window.hpp"

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;

config::rate_settings between(std::uint64_t min, std::uint64_t max) {
  config::rate_settings settings;
  settings.target_latency = 1ms;
  settings.min_commands_per_s = min;
  settings.max_commands_per_s = max;
  return settings;
}

TEST(latency_control, begins_at_the_minimum_and_rises_to_the_maximum_while_the_server_is_quick) {
  latency_control control(between(100, 150));
  EXPECT_EQ(control.commands_per_s(), 100);
  control.adapt(900us, true);
  EXPECT_EQ(control.commands_per_s(), 125);
  control.adapt(900us, true);
  EXPECT_EQ(control.commands_per_s(), 150);
}

TEST(latency_control, does_not_rise_while_nothing_waits) {
  latency_control control(between(100, 1000));
  control.adapt(10us, false);
  EXPECT_EQ(control.commands_per_s(), 100);
}

TEST(latency_control, falls_in_proportion_to_the_excess_at_most_to_a_half) {
  latency_control control(between(1, 1'000'000));
  while (control.commands_per_s() < 1000) control.adapt(1ms, true);
  const auto before = control.commands_per_s();
  control.adapt(1001us, true);
  EXPECT_DOUBLE_EQ(control.commands_per_s(), before * 0.9);
  control.adapt(1250us, false);
  EXPECT_DOUBLE_EQ(control.commands_per_s(), before * 0.9 * 0.8);
  control.adapt(60s, true);
  EXPECT_DOUBLE_EQ(control.commands_per_s(), before * 0.9 * 0.8 * 0.5);
}

TEST(latency_control, rises_slowly_once_it_has_fallen) {
  latency_control control(between(100, 1000));
  control.adapt(2ms, true);
  EXPECT_EQ(control.commands_per_s(), 100);
  control.adapt(1ms, true);
  EXPECT_DOUBLE_EQ(control.commands_per_s(), 105);
}

TEST(latency_window, stands_for_the_latency_that_nine_of_ten_measurements_keep) {
  latency_window window;
  for (int i = 1; i <= 20; ++i) {
    EXPECT_FALSE(window.is_full());
    window.add(std::chrono::microseconds(i % 2 == 0 ? i : 100 - i));
  }
  EXPECT_TRUE(window.is_full());
  EXPECT_EQ(window.latency(), 95us);  // of 99, 97, 95, ...
}

}  // namespace
}  // namespace scanhost::store
