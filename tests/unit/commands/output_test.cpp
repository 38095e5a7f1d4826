// SPDX-License-Identifier: Apache-2.0
//
// Tables for people.
#include "commands/output.hpp"

#include <gtest/gtest.h>

namespace scanhost::commands {
namespace {

TEST(table_of, aligns_texts_to_the_left_and_numbers_to_the_right) {
  EXPECT_EQ(table_of({{"NAME", "COUNT"}, {"a", "1"}, {"longer", "12345678"}}),
            "NAME    COUNT\n"
            "a              1\n"
            "longer  12345678\n");
}

TEST(table_of, ends_no_line_with_spaces) {
  EXPECT_EQ(table_of({{"A", "LONG"}, {"b", "c"}}), "A  LONG\nb  c\n");
}

}  // namespace
}  // namespace scanhost::commands
