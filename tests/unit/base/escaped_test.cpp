// SPDX-License-Identifier: Apache-2.0
#include "base/escaped.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace scanhost::base {
namespace {

using namespace std::string_view_literals;

TEST(escaped, leaves_printable_text_as_it_is) {
  EXPECT_EQ(escaped("{fp:3}:caf\xc3\xa9 \xe2\x82\xac 'a'"), "{fp:3}:caf\xc3\xa9 \xe2\x82\xac 'a'");
  EXPECT_EQ(escaped(""), "");
}

TEST(escaped, shows_what_would_move_a_cursor_as_digits) {
  EXPECT_EQ(escaped("\x1b[2J\n\0\x7f"sv), "\\x1b[2J\\x0a\\x00\\x7f");
  EXPECT_EQ(escaped("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(escaped, shows_bytes_that_are_not_utf8_as_digits) {
  EXPECT_EQ(escaped("a\xff\xe2\x82z"), "a\\xff\\xe2\\x82z");
}

TEST(escaped, can_be_turned_back_whatever_the_bytes_are) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const auto& bytes : {every_byte, std::string("\\x41"), std::string("\\\\x1b\\"), std::string("\\")}) {
    EXPECT_EQ(unescaped(escaped(bytes)), bytes);
    EXPECT_TRUE(valid_utf8(escaped(bytes)));
  }
}

TEST(escaped, takes_a_lonely_backslash_for_one) { EXPECT_EQ(unescaped("a\\b\\x4"), "a\\b\\x4"); }

}  // namespace
}  // namespace scanhost::base
