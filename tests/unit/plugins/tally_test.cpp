// SPDX-License-Identifier: Apache-2.0
//
// Text of the store in log lines.
#include "common/tally.hpp"

#include <gtest/gtest.h>

namespace ff {
namespace {

TEST(printable, escapes_what_may_not_stand_in_a_line) {
  EXPECT_EQ(printable("{fp:1}:a b"), "{fp:1}:a b");
  EXPECT_EQ(printable(std::string_view("a\n\0\xff\\", 5)), "a\\x0a\\x00\\xff\\x5c");
}

TEST(printable, cuts_what_is_too_long) {
  const auto shown = printable(std::string(1000, 'x'));
  EXPECT_EQ(shown.size(), 203u);
  EXPECT_TRUE(shown.ends_with("x..."));
}

}  // namespace
}  // namespace ff
