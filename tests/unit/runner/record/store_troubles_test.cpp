// SPDX-License-Identifier: Apache-2.0
//
// When a state of the store begins for a scanner, and when it is over.
#include "runner/record/store_troubles.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using store::state;

class troubles : public testing::Test {
 protected:
  bool add(state which, std::string_view text = "OOM x", std::string_view route = "{s:1}") {
    return subject.add(which, text, route, {}, base::timestamp(base::milliseconds(7)));
  }
  store_troubles subject;
};

TEST_F(troubles, begin_with_the_first_command_and_count_the_others) {
  EXPECT_TRUE(subject.empty());
  EXPECT_TRUE(add(state::out_of_memory, "OOM first", "{s:1}"));
  EXPECT_FALSE(add(state::out_of_memory, "OOM second", "{s:2}"));
  const auto current = subject.current();
  ASSERT_EQ(current.size(), 1);
  EXPECT_EQ(current[0].text, "OOM first");
  EXPECT_EQ(current[0].route, "{s:2}");
  EXPECT_EQ(current[0].commands, 2);
  EXPECT_EQ(current[0].since, base::timestamp(base::milliseconds(7)));
}

TEST_F(troubles, are_kept_apart_by_state) {
  EXPECT_TRUE(add(state::out_of_memory));
  EXPECT_TRUE(add(state::no_permission));
  EXPECT_EQ(subject.current().size(), 2);
  EXPECT_EQ(subject.end(state::out_of_memory)->state, state::out_of_memory);
  EXPECT_EQ(subject.current().size(), 1);
  EXPECT_FALSE(subject.end(state::out_of_memory).has_value());
}

TEST_F(troubles, with_some_commands_are_over_after_a_cycle_that_did_not_meet_them) {
  add(state::no_permission);
  EXPECT_TRUE(subject.complete_cycle(true).empty());
  subject.begin_cycle();
  const auto over = subject.complete_cycle(true);
  ASSERT_EQ(over.size(), 1);
  EXPECT_EQ(over[0].commands, 1);
  EXPECT_TRUE(subject.empty());
}

TEST_F(troubles, last_through_a_cycle_in_which_the_server_answered_nothing) {
  add(state::no_permission);
  subject.begin_cycle();
  EXPECT_TRUE(subject.complete_cycle(false).empty());
}

TEST_F(troubles, with_all_writes_are_over_when_a_probe_says_so_and_not_after_a_cycle) {
  add(state::out_of_memory);
  subject.begin_cycle();
  EXPECT_TRUE(subject.complete_cycle(true).empty());
  subject.distrust_probes(state::out_of_memory);
  EXPECT_EQ(subject.complete_cycle(true).size(), 1);
}

TEST_F(troubles, keep_only_the_beginning_of_a_long_text) {
  add(state::out_of_memory, std::string(5000, 'x'));
  EXPECT_EQ(subject.current()[0].text.size(), store_trouble::max_text);
}

}  // namespace
}  // namespace scanhost::runner
