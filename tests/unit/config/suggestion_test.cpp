// SPDX-License-Identifier: Apache-2.0
//
// Suggestions for misspelt words.
#include "config/suggestion.hpp"

#include <gtest/gtest.h>

namespace scanhost::config {
namespace {

const std::vector<std::string> keys{"interval", "enabled", "drain", "page_size"};

TEST(suggestion, finds_a_slip_of_the_pen) {
  EXPECT_EQ(nearest("intervall", keys), "interval");
  EXPECT_EQ(nearest("inetrval", keys), "interval");
  EXPECT_EQ(nearest("enable", keys), "enabled");
  EXPECT_EQ(nearest("Drain", keys), "drain");
  EXPECT_EQ(nearest("page-size", keys), "page_size");
}

TEST(suggestion, has_none_for_another_word) {
  EXPECT_EQ(nearest("colour", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(nearest("x", {"y"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'a'), keys), std::nullopt);
}

TEST(suggestion, takes_the_nearest_of_several) {
  EXPECT_EQ(nearest("tine", {"tie", "time", "lines"}), "tie");
}

TEST(suggestion, counts_a_swap_as_one_edit) {
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

TEST(suggestion, lists_what_is_known_when_nothing_is_near) {
  EXPECT_EQ(suggestion("colour", {"a", "b"}, "the keys here are"), "the keys here are a, b");
  EXPECT_EQ(suggestion("colour", {}, "the keys here are"), "the keys here are none");
  EXPECT_EQ(suggestion("drian", keys, "the keys here are"), "did you mean 'drain'?");
}

}  // namespace
}  // namespace scanhost::config
