// SPDX-License-Identifier: Apache-2.0
//
// The clock of a node.
#include "store/connection/node_clock.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;
using base::milliseconds;

base::steady_time at(milliseconds since) { return base::steady_time(since); }

std::optional<base::timestamp> read(std::string_view seconds, std::string_view micros) {
  std::array<scanhost_reply, 2> parts{};
  parts[0].text = {seconds.data(), seconds.size()};
  parts[1].text = {micros.data(), micros.size()};
  scanhost_reply reply{};
  reply.kind = SCANHOST_REPLY_ARRAY;
  reply.elements = parts.data();
  reply.element_count = parts.size();
  return time_of(reply);
}

TEST(node_clock, is_zero_and_of_no_age_before_the_first_reading) {
  const node_clock clock;
  EXPECT_EQ(clock.now(at(5s)), base::timestamp{});
  EXPECT_EQ(clock.age(at(5s)), base::steady::duration::max());
}

TEST(node_clock, goes_on_from_the_moment_the_reading_arrived) {
  node_clock clock;
  clock.observe(base::timestamp(1'000'000ms), at(10s));
  EXPECT_EQ(clock.now(at(10s + 250ms)), base::timestamp(1'000'250ms));
  EXPECT_EQ(clock.age(at(10s + 250ms)), 250ms);
}

// A reading from just before a cycle must not pass for one of the cycle.
TEST(node_clock, knows_its_age_exactly) {
  node_clock clock;
  clock.observe(base::timestamp(1'000'000ms), at(10s));
  EXPECT_EQ(clock.age(at(10s) + 999us), 999us);
  EXPECT_GT(clock.age(at(10s) + 1us), 0us);
}

TEST(node_clock, follows_a_server_that_set_its_clock_back) {
  node_clock clock;
  clock.observe(base::timestamp(1'000'000ms), at(10s));
  clock.observe(base::timestamp(400'000ms), at(11s));
  EXPECT_EQ(clock.now(at(11s)), base::timestamp(400'000ms));
}

TEST(time_of, rounds_down_to_whole_milliseconds) {
  EXPECT_EQ(read("1700000000", "999999"), base::timestamp(1'700'000'000'999ms));
  EXPECT_EQ(read("1700000000", "999"), base::timestamp(1'700'000'000'000ms));
}

TEST(time_of, is_nothing_when_the_reply_is_no_time) {
  EXPECT_EQ(read("", "1"), std::nullopt);
  EXPECT_EQ(read("12x", "1"), std::nullopt);
  EXPECT_EQ(read("-1", "1"), std::nullopt);
  EXPECT_EQ(read("9223372036854775807", "1"), std::nullopt);
  EXPECT_EQ(time_of(scanhost_reply{}), std::nullopt);
}

}  // namespace
}  // namespace scanhost::store
