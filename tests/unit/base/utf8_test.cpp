// SPDX-License-Identifier: Apache-2.0
//
// What is valid UTF-8, and what only resembles it.
#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace scanhost::base {
namespace {

TEST(utf8, knows_utf8) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
}

TEST(utf8, refuses_what_only_resembles_utf8) {
  const std::string_view overlong = "\xc0\xaf", surrogate = "\xed\xa0\x80", cut_off = "a\xe2\x82",
                         stray = "\x80";
  const std::string_view beyond = "\xf4\x90\x80\x80", long_three = "\xe0\x80\x80";
  for (const auto text : {overlong, surrogate, cut_off, stray, beyond, long_three})
    EXPECT_FALSE(valid_utf8(text));
}

TEST(utf8, says_where_the_first_wrong_byte_is) { EXPECT_EQ(first_not_utf8("ab\xc3\xa9\xff"), 4u); }

TEST(utf8, cuts_between_characters) {
  EXPECT_EQ(utf8_prefix("ab\xe2\x82\xac", 4), "ab");
  EXPECT_EQ(utf8_prefix("ab\xe2\x82\xac", 5), "ab\xe2\x82\xac");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size(), 2u);
}

}  // namespace
}  // namespace scanhost::base
