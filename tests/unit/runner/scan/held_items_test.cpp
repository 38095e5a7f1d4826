// SPDX-License-Identifier: Apache-2.0
//
// What a dry run counts for the turns of a pass.
#include "runner/scan/held_items.hpp"

#include <gtest/gtest.h>

#include <array>

namespace scanhost::runner {
namespace {

struct acting {
  explicit acting(std::string_view item, std::string_view key = "k", std::uint32_t items = 0)
      : words{to_c("ZREM"), to_c(key)} {
    command.struct_size = sizeof command;
    command.args = words.data();
    command.arg_count = words.size();
    command.item = to_c(item);
    command.item_count = items;
  }
  std::array<scanhost_string, 2> words;
  scanhost_command command{};
};

TEST(held_items, count_each_item_once) {
  held_items items;
  items.add(acting("a").command);
  items.add(acting("a", "other").command);
  items.add(acting("b").command);
  EXPECT_EQ(items.take_new(), 2u);
  items.add(acting("a").command);
  EXPECT_EQ(items.take_new(), 0u);
}

TEST(held_items, count_all_that_a_command_acts_on) {
  held_items items;
  items.add(acting("a", "k", 3).command);
  EXPECT_EQ(items.take_new(), 3u);
}

TEST(held_items, take_a_command_without_an_item_for_one_of_its_own) {
  held_items items;
  items.add(acting("", "k").command);
  items.add(acting("", "k").command);
  items.add(acting("", "other").command);
  EXPECT_EQ(items.take_new(), 2u);
}

TEST(held_items, forget_all_for_the_next_scan) {
  held_items items;
  items.add(acting("a").command);
  items.reset();
  EXPECT_EQ(items.take_new(), 0u);
  items.add(acting("a").command);
  EXPECT_EQ(items.take_new(), 1u);
}

}  // namespace
}  // namespace scanhost::runner
