// SPDX-License-Identifier: Apache-2.0
//
// Defaults of options: every type, units, bounds.
#include "plugin/default_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::plugin {
namespace {

using config::option;
using config::option_type;
using testing::ElementsAre;

option of(option_type type, std::string text, std::int64_t minimum = 0, std::int64_t maximum = 0) {
  return {"x", type, "", std::move(text), minimum, maximum};
}
std::int64_t number(const option& option) { return std::get<std::int64_t>(default_value(option).value()); }
bool good(const option& option) { return default_value(option).has_value(); }

TEST(default_value, reads_numbers_with_their_units) {
  EXPECT_EQ(number(of(option_type::integer, "-20")), -20);
  EXPECT_EQ(number(of(option_type::duration, "1500ms")), 1500);
  EXPECT_EQ(number(of(option_type::duration, "7d")), 604'800'000);
  EXPECT_EQ(number(of(option_type::size, "64KiB")), 65'536);
  EXPECT_EQ(number(of(option_type::size, "512")), 512);
  EXPECT_EQ(number(of(option_type::flag, "true")), 1);
}

TEST(default_value, takes_an_empty_text_for_nothing) {
  EXPECT_EQ(number(of(option_type::duration, "")), 0);
  EXPECT_EQ(number(of(option_type::flag, "")), 0);
  EXPECT_TRUE(
      std::get<std::vector<std::string>>(default_value(of(option_type::text_list, "")).value()).empty());
}

TEST(default_value, splits_lists_at_commas) {
  EXPECT_THAT(
      std::get<std::vector<std::string>>(default_value(of(option_type::text_list, "red, blue")).value()),
      ElementsAre("red", "blue"));
}

TEST(default_value, refuses_what_is_not_of_the_type) {
  EXPECT_FALSE(good(of(option_type::integer, "5x")));
  EXPECT_FALSE(good(of(option_type::duration, "5")));
  EXPECT_FALSE(good(of(option_type::duration, "-5s")));
  EXPECT_FALSE(good(of(option_type::duration, "9223372036854775807d")));
  EXPECT_FALSE(good(of(option_type::size, "64kb")));
  EXPECT_FALSE(good(of(option_type::flag, "maybe")));
  EXPECT_FALSE(good(of(option_type::text_list, "red,,blue")));
}

TEST(default_value, holds_every_type_to_its_bounds) {
  EXPECT_FALSE(good(of(option_type::integer, "5", 6, 9)));
  EXPECT_TRUE(good(of(option_type::integer, "6", 6, 9)));
  EXPECT_FALSE(good(of(option_type::duration, "1s", 2000, 9000)));
  EXPECT_FALSE(good(of(option_type::text, "abc", 0, 2)));
  EXPECT_FALSE(good(of(option_type::text_list, "a,b,c", 1, 2)));
}

}  // namespace
}  // namespace scanhost::plugin
