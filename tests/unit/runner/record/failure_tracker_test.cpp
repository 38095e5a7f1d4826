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

// --- what people see

base::timestamp at(int ms) { return base::timestamp(base::milliseconds(ms)); }

TEST(failure_tracker, lists_what_fails_since_when_how_often_and_why) {
  failure_tracker tracker;
  tracker.add_failure(tag, "a", "first", at(1000));
  tracker.add_failure(tag, "a", "second", at(2000));
  const auto list = tracker.list(10);
  ASSERT_EQ(list.items.size(), 1u);
  const auto& item = list.items.front();
  EXPECT_EQ(item.partition, tag);
  EXPECT_EQ(item.item, "a");
  EXPECT_EQ(item.times, 2u);
  EXPECT_EQ(item.since, at(1000));
  EXPECT_EQ(item.latest, at(2000));
  EXPECT_EQ(item.message, "second");
  EXPECT_EQ(item.cycles_left, 0u);
  EXPECT_EQ(list.left_out, 0u);
}

TEST(failure_tracker, says_in_how_many_cycles_an_item_is_tried_again) {
  failure_tracker tracker;
  tracker.advance();
  fail(tracker, 3);
  EXPECT_EQ(tracker.list(10).items.front().cycles_left, 10u);
  advance(tracker, 9);
  EXPECT_EQ(tracker.list(10).items.front().cycles_left, 1u);
  tracker.advance();
  EXPECT_EQ(tracker.list(10).items.front().cycles_left, 0u);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
}

TEST(failure_tracker, goes_on_counting_over_a_back_off) {
  failure_tracker tracker;
  for (int i = 0; i < 3; ++i) tracker.add_failure(tag, "a", "broken", at(1000));
  advance(tracker, 10);
  tracker.should_skip(tag, "a");
  tracker.add_failure(tag, "a", "broken", at(9000));
  const auto item = tracker.list(10).items.at(0);
  EXPECT_EQ(item.times, 4u);
  EXPECT_EQ(item.since, at(1000));
}

TEST(failure_tracker, lists_no_item_that_was_handled_or_went_with_its_partition) {
  failure_tracker tracker;
  tracker.add_failure(tag, "a", "x", at(1));
  tracker.add_failure(tag, "b", "x", at(1));
  tracker.add_success(tag, "a");
  EXPECT_EQ(tracker.list(10).items.at(0).item, "b");
  tracker.keep_partitions({"{s:1}"});
  EXPECT_TRUE(tracker.list(10).items.empty());
}

TEST(failure_tracker, lists_no_item_that_has_not_been_seen_for_ten_cycles) {
  failure_tracker tracker;
  tracker.add_failure(tag, "a", "x", at(1));
  advance(tracker, 10);
  EXPECT_EQ(tracker.list(10).items.size(), 1u);
  tracker.advance();
  EXPECT_TRUE(tracker.list(10).items.empty());
}

TEST(failure_tracker, lists_the_first_that_failed_and_counts_the_others) {
  failure_tracker tracker;
  for (int i = 9; i >= 0; --i) tracker.add_failure(tag, std::to_string(i), "x", at(i));
  const auto list = tracker.list(3);
  ASSERT_EQ(list.items.size(), 3u);
  EXPECT_EQ(list.items[0].item, "0");
  EXPECT_EQ(list.items[2].item, "2");
  EXPECT_EQ(list.left_out, 7u);
}

TEST(failure_tracker, keeps_messages_of_a_bounded_number_of_items) {
  failure_tracker tracker;
  const auto more = failure_tracker::max_notes + 5;
  for (std::size_t i = 0; i < more; ++i) tracker.add_failure(tag, std::to_string(i), "x", at(1));
  const auto list = tracker.list(more);
  EXPECT_EQ(list.items.size(), failure_tracker::max_notes);
  EXPECT_EQ(list.left_out, 5u);
  EXPECT_EQ(tracker.size(), more);
}

TEST(failure_tracker, cuts_long_messages_and_names_between_characters) {
  failure_tracker tracker;
  std::string text;
  for (std::size_t i = 0; i < failure_tracker::max_listed_size; ++i) text += "\xe2\x82\xac";
  tracker.add_failure(tag, text, text, at(1));
  const auto item = tracker.list(1).items.at(0);
  EXPECT_EQ(item.message.size(), failure_tracker::max_message_size / 3 * 3);
  EXPECT_EQ(item.item.size(), failure_tracker::max_listed_size / 3 * 3);
}

TEST(failure_tracker, takes_one_item_out_of_back_off_in_each_partition) {
  failure_tracker tracker;
  fail(tracker, 3, "a");
  fail(tracker, 3, "b");
  for (int i = 0; i < 3; ++i) tracker.add_failure("{s:1}", "a");
  const auto found = tracker.retry("a");
  EXPECT_EQ(found.failing, 2u);
  EXPECT_EQ(found.released, 2u);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
  EXPECT_FALSE(tracker.should_skip("{s:1}", "a"));
  EXPECT_TRUE(tracker.should_skip(tag, "b"));
  EXPECT_EQ(tracker.in_back_off(), 1u);
}

TEST(failure_tracker, takes_all_items_out_of_back_off) {
  failure_tracker tracker;
  fail(tracker, 3, "a");
  fail(tracker, 1, "b");
  const auto found = tracker.retry({});
  EXPECT_EQ(found.failing, 2u);
  EXPECT_EQ(found.released, 1u);
  EXPECT_EQ(tracker.in_back_off(), 0u);
  EXPECT_EQ(tracker.list(10).items.size(), 2u);
}

TEST(failure_tracker, counts_from_one_again_after_a_retry) {
  failure_tracker tracker;
  fail(tracker, 3);
  tracker.retry("a");
  fail(tracker, 2);
  EXPECT_FALSE(tracker.should_skip(tag, "a"));
  EXPECT_TRUE(tracker.add_failure(tag, "a"));
}

TEST(failure_tracker, finds_nothing_to_retry_for_a_name_that_does_not_fail) {
  failure_tracker tracker;
  fail(tracker, 3);
  const auto found = tracker.retry("b");
  EXPECT_EQ(found.failing, 0u);
  EXPECT_EQ(tracker.in_back_off(), 1u);
}

TEST(failure_tracker, lists_an_item_in_all_of_its_partitions) {
  failure_tracker tracker;
  tracker.add_failure("{s:1}", "a", "of no use", base::timestamp(base::milliseconds(7)));
  tracker.add_failure("{s:0}", "a");
  tracker.add_failure("{s:0}", "b");
  const auto list = tracker.list_of("a", 10);
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].partition, "{s:0}");
  EXPECT_EQ(list.items[1].partition, "{s:1}");
  EXPECT_EQ(list.items[1].message, "of no use");
  EXPECT_EQ(list.items[1].times, 1u);
  EXPECT_EQ(tracker.list_of("a", 1).left_out, 1u);
  EXPECT_TRUE(tracker.list_of("c", 10).items.empty());
}

TEST(failure_tracker, lists_an_item_without_a_note_too) {
  failure_tracker tracker;
  for (std::size_t i = 0; i < failure_tracker::max_notes; ++i)
    tracker.add_failure(tag, "other" + std::to_string(i), "noted");
  fail(tracker, 3, "late");
  const auto list = tracker.list_of("late", 10);
  ASSERT_EQ(list.items.size(), 1u);
  EXPECT_EQ(list.items[0].item, "late");
  EXPECT_EQ(list.items[0].times, 3u);
  EXPECT_EQ(list.items[0].cycles_left, failure_tracker::back_off_cycles);
  EXPECT_EQ(list.items[0].message, "");
}

}  // namespace
}  // namespace scanhost::runner
