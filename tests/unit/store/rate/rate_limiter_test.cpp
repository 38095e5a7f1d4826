// SPDX-License-Identifier: Apache-2.0
#include "store/rate/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;

config::rate_settings fixed(std::uint64_t commands_per_s) {
  config::rate_settings settings;
  settings.commands_per_s = commands_per_s;
  return settings;
}

config::rate_settings closed_loop(std::uint64_t min) {
  config::rate_settings settings;
  settings.target_latency = 1ms;
  settings.min_commands_per_s = min;
  return settings;
}

const base::steady_time start = base::steady_time(1h);

TEST(rate_limiter, gives_out_moments_at_the_rate_in_the_order_of_asking) {
  rate_limiter limiter(fixed(100));
  EXPECT_LE(limiter.reserve(10, start), start);  // the burst of a tenth of a second
  EXPECT_EQ(limiter.reserve(5, start), start);
  EXPECT_EQ(limiter.reserve(1, start), start + 50ms);
  EXPECT_EQ(limiter.reserve(1, start), start + 60ms);
}

TEST(rate_limiter, keeps_unused_time_for_a_tenth_of_a_second_only) {
  rate_limiter limiter(fixed(1000));
  EXPECT_EQ(limiter.part_of(5000, start), 100u);
  limiter.reserve(100, start);
  EXPECT_EQ(limiter.part_of(5000, start), 10u);
  EXPECT_EQ(limiter.part_of(5000, start + 1h), 100u);
}

TEST(rate_limiter, lets_no_more_pass_in_any_second_than_the_rate_and_the_burst) {
  rate_limiter limiter(fixed(1000));
  std::size_t passed = 0;
  for (auto now = start; now < start + 1s;) {
    const auto part = limiter.part_of(500, now);
    now = std::max(now, limiter.reserve(part, now));
    if (now < start + 1s) passed += part;
  }
  EXPECT_GE(passed, 1000u);
  EXPECT_LE(passed, 1100u);
}

TEST(rate_limiter, lets_single_commands_pass_where_the_rate_is_low) {
  rate_limiter limiter(fixed(1));
  EXPECT_EQ(limiter.part_of(500, start), 1u);
  limiter.reserve(1, start);
  EXPECT_EQ(limiter.part_of(500, start), 1u);
}

TEST(rate_limiter, of_a_closed_loop_lets_an_eighth_of_the_target_s_worth_pass_at_once) {
  rate_limiter limiter(closed_loop(40'000));
  EXPECT_EQ(limiter.part_of(500, start), 5u);
  EXPECT_EQ(limiter.part_of(2, start), 2u);
}

TEST(rate_limiter, of_a_closed_loop_lets_single_commands_pass_where_they_are_far_apart) {
  rate_limiter limiter(closed_loop(1000));
  EXPECT_EQ(limiter.part_of(500, start), 1u);
}

TEST(rate_limiter, of_a_closed_loop_keeps_parts_between_50us_and_1ms) {
  auto settings = closed_loop(100'000);
  settings.target_latency = 100us;
  EXPECT_EQ(rate_limiter(settings).part_of(500, start), 5u);
  settings.target_latency = 100ms;
  EXPECT_EQ(rate_limiter(settings).part_of(500, start), 100u);
}

TEST(rate_limiter, of_a_closed_loop_follows_the_latency) {
  rate_limiter limiter(closed_loop(1000));
  auto now = start;
  const auto fill_window = [&](std::chrono::microseconds latency) {
    for (std::size_t i = 0; i < latency_window::size; ++i) limiter.take_latency(latency, now += 5ms);
  };
  fill_window(10us);
  EXPECT_EQ(limiter.commands_per_s(), 1000);  // nobody has waited
  limiter.reserve(1000, now);
  limiter.reserve(1000, now);
  fill_window(10us);
  EXPECT_EQ(limiter.commands_per_s(), 1250);
  limiter.reserve(1, now);
  fill_window(1s);
  EXPECT_EQ(limiter.commands_per_s(), 1000);
}

TEST(rate_limiter, is_in_use_until_a_second_after_the_last_reserved_moment) {
  rate_limiter limiter(fixed(10));
  EXPECT_FALSE(limiter.is_in_use(start));
  limiter.reserve(20, start);
  EXPECT_TRUE(limiter.is_in_use(start + 2800ms));
  EXPECT_FALSE(limiter.is_in_use(start + 3s));
}

}  // namespace
}  // namespace scanhost::store
