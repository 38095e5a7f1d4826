// SPDX-License-Identifier: Apache-2.0
//
// What a scan acts on, against what its turns allow.
#include "runner/scan/acted_items.hpp"

#include <gtest/gtest.h>

#include <string>

namespace scanhost::runner {
namespace {

void act_on(acted_items& acted, int first, int count) {
  for (int i = first; i < first + count; ++i) acted.add("item " + std::to_string(i), 1);
}

TEST(acted_items, may_be_as_many_as_the_turns_allow) {
  acted_items acted;
  acted.allow(50);
  act_on(acted, 0, 50);
  acted.allow(50);
  act_on(acted, 50, 50);
  EXPECT_EQ(acted.beyond_allowance(), 0u);
}

TEST(acted_items, beyond_the_allowance_are_counted) {
  acted_items acted;
  acted.allow(50);
  act_on(acted, 0, 60);
  EXPECT_EQ(acted.beyond_allowance(), 10u);
}

TEST(acted_items, beyond_one_turn_stay_beyond_it_when_the_next_is_granted) {
  acted_items acted;
  acted.allow(50);
  act_on(acted, 0, 60);
  acted.allow(50);
  act_on(acted, 60, 40);
  EXPECT_EQ(acted.beyond_allowance(), 10u);
}

TEST(acted_items, after_a_turn_was_refused_are_all_too_many) {
  acted_items acted;
  acted.allow(0);
  act_on(acted, 0, 3);
  EXPECT_EQ(acted.beyond_allowance(), 3u);
}

TEST(acted_items, of_a_scan_that_asks_for_no_turn_are_not_judged) {
  acted_items acted;
  act_on(acted, 0, 3);
  EXPECT_EQ(acted.beyond_allowance(), 0u);
}

TEST(acted_items, may_share_what_is_left_of_the_turns_of_other_passes) {
  acted_items acted;
  acted.allow(50);
  acted.allow(50);
  act_on(acted, 0, 80);
  acted.allow(10);
  act_on(acted, 80, 30);
  EXPECT_EQ(acted.beyond_allowance(), 0u);
}

TEST(acted_items, may_need_several_commands_each) {
  acted_items acted;
  acted.allow(50);
  for (int round = 0; round < 4; ++round) act_on(acted, 0, 50);
  EXPECT_EQ(acted.beyond_allowance(), 0u);
}

TEST(acted_items, count_anew_in_the_next_turn) {
  acted_items acted;
  acted.allow(50);
  act_on(acted, 0, 50);
  acted.allow(1);
  act_on(acted, 0, 50);
  EXPECT_EQ(acted.beyond_allowance(), 49u);
}

TEST(acted_items, of_one_command_all_count) {
  acted_items acted;
  acted.allow(50);
  acted.add("first", 40);
  acted.add("second", 30);
  EXPECT_EQ(acted.beyond_allowance(), 20u);
}

TEST(acted_items, without_a_name_count_each) {
  acted_items acted;
  acted.allow(2);
  for (int i = 0; i < 3; ++i) acted.add("", 1);
  EXPECT_EQ(acted.beyond_allowance(), 1u);
}

TEST(acted_items, count_once_however_often_commands_name_them) {
  acted_items acted;
  acted.allow(50);
  for (int round = 0; round < 10'000; ++round) act_on(acted, 0, 50);
  EXPECT_EQ(acted.beyond_allowance(), 0u);
}

TEST(acted_items, of_another_scan_are_forgotten) {
  acted_items acted;
  acted.allow(1);
  act_on(acted, 0, 3);
  acted.reset();
  acted.allow(1);
  act_on(acted, 0, 1);
  EXPECT_EQ(acted.beyond_allowance(), 0u);
}

}  // namespace
}  // namespace scanhost::runner
