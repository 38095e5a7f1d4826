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

// A loop with a measurement every 5 ms.
class loop {
 public:
  explicit loop(const config::rate_settings& settings) : control_(settings) {}

  void measure(std::size_t count, std::chrono::microseconds latency) {
    for (std::size_t i = 0; i < count; ++i) control_.add(latency, now_ += 5ms);
  }
  // A window in which more would have been sent than the limit lets pass.
  void fill_window(std::chrono::microseconds latency) {
    send_a_lot();
    measure(latency_window::size, latency);
  }
  void send_a_lot() { control_.note_use(10'000'000, true); }
  void send(std::size_t commands, bool waited) { control_.note_use(commands, waited); }
  void rest(base::steady::duration span) { now_ += span; }
  double limit() const { return control_.commands_per_s(); }

 private:
  latency_control control_;
  base::steady_time now_ = base::steady_time(1h);
};

constexpr auto soonest = latency_window::size / 5;  // measurements before a fall

TEST(latency_control, begins_at_the_minimum_and_rises_to_the_maximum_while_the_server_is_quick) {
  loop control(between(100, 150));
  EXPECT_EQ(control.limit(), 100);
  control.fill_window(1ms);
  EXPECT_EQ(control.limit(), 125);
  control.fill_window(1ms);
  EXPECT_EQ(control.limit(), 150);
}

TEST(latency_control, rises_at_the_end_of_a_window_only) {
  loop control(between(100, 1000));
  control.send_a_lot();
  control.measure(latency_window::size - 1, 10us);
  EXPECT_EQ(control.limit(), 100);
  control.measure(1, 10us);
  EXPECT_EQ(control.limit(), 125);
}

TEST(latency_control, does_not_rise_while_nothing_waits) {
  loop control(between(100, 1000));
  control.fill_window(10us);
  control.send(10'000'000, false);
  control.measure(latency_window::size, 10us);
  EXPECT_EQ(control.limit(), 125);
}

TEST(latency_control, rises_to_half_above_what_is_sent_at_most) {
  loop control(between(1000, 1'000'000));
  for (int i = 0; i < 10; ++i) {
    control.send(1000, true);  // in half a second
    control.measure(latency_window::size, 10us);
  }
  EXPECT_NEAR(control.limit(), 3000, 60);
}

TEST(latency_control, falls_from_what_is_sent) {
  loop control(between(100, 1'000'000));
  for (int i = 0; i < 20; ++i) control.fill_window(1ms);
  for (int i = 0; i < 2; ++i) {  // so that the window before was as quiet
    control.send(500, false);
    control.measure(latency_window::size, 1ms);
  }
  control.send(100, false);  // in a tenth of a second
  control.measure(soonest, 1001us);
  EXPECT_NEAR(control.limit(), 1000 * 1.5 * 0.9, 60);
}

TEST(latency_control, does_not_fall_while_nothing_is_sent) {
  loop control(between(100, 1000));
  for (int i = 0; i < 4; ++i) control.fill_window(1ms);
  const auto before = control.limit();
  control.measure(3 * latency_window::size, 60s);
  EXPECT_EQ(control.limit(), before);
}

TEST(latency_control, puts_up_with_three_of_a_hundred) {
  loop control(between(100, 1000));
  control.send_a_lot();
  control.measure(latency_window::exceptions, 60s);
  control.measure(latency_window::size - latency_window::exceptions, 1ms);
  EXPECT_EQ(control.limit(), 125);
}

TEST(latency_control, falls_with_the_fourth) {
  loop control(between(100, 1000));
  control.fill_window(1ms);
  control.send_a_lot();
  control.measure(latency_window::size - latency_window::exceptions - 1, 1ms);
  control.measure(latency_window::exceptions, 1250us);
  EXPECT_EQ(control.limit(), 125);
  control.measure(1, 1250us);
  EXPECT_EQ(control.limit(), 100);
}

TEST(latency_control, falls_after_a_fifth_of_a_window_at_the_earliest) {
  loop control(between(100, 1000));
  for (int i = 0; i < 4; ++i) control.fill_window(1ms);
  const auto before = control.limit();
  control.send_a_lot();
  control.measure(soonest - 1, 60s);
  EXPECT_EQ(control.limit(), before);
  control.measure(1, 60s);
  EXPECT_EQ(control.limit(), before / 2);
}

TEST(latency_control, falls_in_proportion_to_the_excess_at_most_to_a_half) {
  loop control(between(1, 1'000'000));
  while (control.limit() < 1000) control.fill_window(1ms);
  const auto before = control.limit();
  control.send_a_lot();
  control.measure(soonest, 1001us);
  EXPECT_DOUBLE_EQ(control.limit(), before * 0.9);
  control.send_a_lot();
  control.measure(soonest, 1250us);
  EXPECT_DOUBLE_EQ(control.limit(), before * 0.9 * 0.8);
  control.send_a_lot();
  control.measure(soonest, 60s);
  EXPECT_DOUBLE_EQ(control.limit(), before * 0.9 * 0.8 * 0.5);
}

TEST(latency_control, rises_slowly_after_a_fall_and_then_faster) {
  loop control(between(100, 100'000));
  control.send_a_lot();
  control.measure(soonest, 2ms);
  auto limit = control.limit();
  EXPECT_EQ(limit, 100);
  for (const auto rise : {1.05, 1.10, 1.15, 1.20, 1.25, 1.25}) {
    control.fill_window(1ms);
    limit *= rise;
    EXPECT_NEAR(control.limit(), limit, 1e-6);
  }
  control.send_a_lot();
  control.measure(soonest, 1001us);
  control.fill_window(1ms);
  EXPECT_NEAR(control.limit(), limit * 0.9 * 1.05, 1e-6);
}

TEST(latency_control, forgets_a_window_that_was_left_long_ago) {
  loop control(between(100, 1000));
  for (int i = 0; i < 4; ++i) control.fill_window(1ms);
  const auto before = control.limit();
  control.send_a_lot();
  control.measure(soonest - 1, 60s);
  control.rest(2s);
  control.measure(soonest - 1, 60s);
  EXPECT_EQ(control.limit(), before);
}

TEST(latency_window, stands_for_the_latency_that_all_but_three_measurements_keep) {
  latency_window window;
  for (int i = 1; i <= 100; ++i) {
    EXPECT_FALSE(window.is_full());
    window.add(std::chrono::microseconds(i % 2 == 0 ? i : 101 - i));
  }
  EXPECT_TRUE(window.is_full());
  EXPECT_EQ(window.latency(), 98us);  // of 2, 2, 4, 4, ... 98, 98, 100, 100
}

}  // namespace
}  // namespace scanhost::store
