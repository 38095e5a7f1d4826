// SPDX-License-Identifier: Apache-2.0
#include "runner/record/failure_tracker.hpp"

#include <gtest/gtest.h>

#include <string>

namespace scanhost::runner {
namespace {

constexpr std::string_view tag = "{s:0}";

void fail(failure_tracker& tracker, int times, std::string_view item = "a") {
  for (int i = 0; i < times; ++i) tracker.add_failure(tag, item);
}
void advance(failure_tracker& tracker, int cycles) {
  for (int i = 0; i < cycles; ++i) tracker.advance();
}

TEST(failure_tracker, skips_nothing_that_it_does_not_know) {
  failure_tracker tracker;
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, skips_nothing_after_two_failures) {
  failure_tracker tracker;
  fail(tracker, 2);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
  EXPECT_EQ(tracker.in_back_off(), 0u);
}

TEST(failure_tracker, reports_exactly_the_third_failure) {
  failure_tracker tracker;
  EXPECT_FALSE(tracker.add_failure(tag, "a"));
  EXPECT_FALSE(tracker.add_failure(tag, "a"));
  EXPECT_TRUE(tracker.add_failure(tag, "a"));
  EXPECT_FALSE(tracker.add_failure(tag, "a"));
}

TEST(failure_tracker, skips_nine_cycles_and_tries_again_in_the_tenth) {
  failure_tracker tracker;
  tracker.advance();
  fail(tracker, 3);
  for (int cycle = 1; cycle <= 9; ++cycle) {
    tracker.advance();
    EXPECT_TRUE(tracker.should_skip(tag, "a")) << cycle;
  }
  tracker.advance();
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, skips_the_rest_of_the_cycle_of_the_third_failure) {
  failure_tracker tracker;
  fail(tracker, 3);
  EXPECT_TRUE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, counts_from_one_again_after_a_back_off) {
  failure_tracker tracker;
  fail(tracker, 3);
  advance(tracker, 10);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
  fail(tracker, 2);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
  EXPECT_TRUE(tracker.add_failure(tag, "a"));
  EXPECT_TRUE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, forgets_an_item_that_succeeded) {
  failure_tracker tracker;
  fail(tracker, 2);
  tracker.add_success(tag, "a");
  EXPECT_EQ(tracker.size(), 0u);
  fail(tracker, 2);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, takes_a_success_out_of_back_off) {
  failure_tracker tracker;
  fail(tracker, 3);
  tracker.add_success(tag, "a");
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
  EXPECT_EQ(tracker.in_back_off(), 0u);
}

TEST(failure_tracker, calls_failures_consecutive_across_cycles_in_which_the_item_was_absent) {
  failure_tracker tracker;
  for (int i = 0; i < 3; ++i) {
    fail(tracker, 1);
    tracker.advance();
  }
  EXPECT_TRUE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, counts_the_items_in_back_off) {
  failure_tracker tracker;
  fail(tracker, 3, "a");
  fail(tracker, 3, "b");
  fail(tracker, 1, "c");
  EXPECT_EQ(tracker.in_back_off(), 2u);
  advance(tracker, 9);
  EXPECT_EQ(tracker.in_back_off(), 2u);
  tracker.advance();
  EXPECT_EQ(tracker.in_back_off(), 0u);
}

TEST(failure_tracker, counts_an_item_once_that_returns_to_back_off) {
  failure_tracker tracker;
  fail(tracker, 3);
  advance(tracker, 10);
  tracker.should_skip(tag, "a");
  fail(tracker, 3);
  EXPECT_EQ(tracker.in_back_off(), 1u);
}

TEST(failure_tracker, cleans_up_in_the_50th_cycle_when_more_than_500_are_held) {
  failure_tracker tracker;
  for (int i = 0; i < 501; ++i) tracker.add_failure(tag, std::to_string(i));
  advance(tracker, 49);
  EXPECT_EQ(tracker.size(), 501u);
  tracker.advance();
  EXPECT_EQ(tracker.size(), 0u);
}

TEST(failure_tracker, does_not_clean_up_500_items) {
  failure_tracker tracker;
  for (int i = 0; i < 500; ++i) tracker.add_failure(tag, std::to_string(i));
  advance(tracker, 50);
  EXPECT_EQ(tracker.size(), 500u);
}

TEST(failure_tracker, keeps_items_in_back_off_when_it_cleans_up) {
  failure_tracker tracker;
  advance(tracker, 45);
  fail(tracker, 3, "kept");
  for (int i = 0; i < 600; ++i) tracker.add_failure(tag, std::to_string(i));
  advance(tracker, 5);
  EXPECT_EQ(tracker.size(), 1u);
  EXPECT_TRUE(tracker.should_skip(tag, "kept"));
}

TEST(failure_tracker, drops_items_whose_back_off_is_over_when_it_cleans_up) {
  failure_tracker tracker;
  advance(tracker, 40);
  fail(tracker, 3, "over");
  for (int i = 0; i < 600; ++i) tracker.add_failure(tag, std::to_string(i));
  advance(tracker, 10);
  EXPECT_EQ(tracker.size(), 0u);
  EXPECT_EQ(tracker.in_back_off(), 0u);
}

TEST(failure_tracker, keeps_the_same_item_of_two_partitions_apart) {
  failure_tracker tracker;
  fail(tracker, 3, "42");
  EXPECT_TRUE(tracker.should_skip(tag, "42"));
  EXPECT_FALSE(tracker.should_skip("{s:1}", "42"));
  tracker.add_success("{s:1}", "42");
  EXPECT_TRUE(tracker.should_skip(tag, "42"));
}

TEST(failure_tracker, forgets_the_items_of_partitions_that_went) {
  failure_tracker tracker;
  for (const char* partition : {"{q:a}", "{q:b}", ""})
    for (int i = 0; i < 3; ++i) tracker.add_failure(partition, "x");
  EXPECT_EQ(tracker.in_back_off(), 3u);
  tracker.keep_partitions({"{q:b}", "{q:c}"});
  EXPECT_FALSE(tracker.should_skip("{q:a}", "x"));
  EXPECT_TRUE(tracker.should_skip("{q:b}", "x"));
  EXPECT_TRUE(tracker.should_skip("", "x"));
  EXPECT_EQ(tracker.in_back_off(), 2u);
  EXPECT_EQ(tracker.size(), 2u);
}

}  // namespace
}  // namespace scanhost::runner
