// SPDX-License-Identifier: Apache-2.0
#include "plan/function_library.hpp"

#include <gtest/gtest.h>

namespace scanhost::plan {
namespace {

std::string code_of(const std::string& version) {
  return "#!lua name=tools\n-- scanhost functions: tools " + version + "\nreturn 1\n";
}

TEST(function_library, reads_name_and_version_from_the_mark) {
  const auto mark = read_mark(code_of("12-scanhost.1"));
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->name, "tools");
  EXPECT_EQ(mark->version, "12-scanhost.1");
  EXPECT_EQ(read_engine_name(code_of("1")), "tools");
}

TEST(function_library, accepts_lines_that_end_in_carriage_return) {
  EXPECT_EQ(read_mark("#!lua name=a\r\n-- scanhost functions: a 2\r\n")->version, "2");
  EXPECT_EQ(read_engine_name("#!lua name=a\r\n"), "a");
}

TEST(function_library, takes_a_mark_on_the_second_line_only) {
  EXPECT_FALSE(read_mark("#!lua name=a\n\n-- scanhost functions: a 1\n"));
  EXPECT_FALSE(read_mark("-- scanhost functions: a 1\n"));
  EXPECT_FALSE(read_mark(""));
  EXPECT_FALSE(read_mark("#!lua name=a\n-- scanhost functions: a\n"));
  EXPECT_FALSE(read_mark("#!lua name=a\n-- scanhost functions: a \n"));
  EXPECT_FALSE(read_engine_name("#!lua name=\n"));
  EXPECT_FALSE(read_engine_name("return 1"));
}

TEST(function_library, compares_numbers_in_versions_as_numbers) {
  EXPECT_TRUE(compare_versions("12-scanhost.9", "12-scanhost.10") < 0);
  EXPECT_TRUE(compare_versions("12-scanhost.10", "12-scanhost.10") == 0);
  EXPECT_TRUE(compare_versions("12-scanhost.010", "12-scanhost.10") == 0);
  EXPECT_TRUE(compare_versions("13", "12-scanhost.10") > 0);
  EXPECT_TRUE(compare_versions("12", "12-scanhost.1") < 0);
  EXPECT_TRUE(compare_versions("", "") == 0);
  EXPECT_TRUE(compare_versions("99999999999999999999998", "99999999999999999999999") < 0);
}

TEST(function_library, loads_what_is_not_there) {
  EXPECT_EQ(decide_install(std::nullopt, "1"), install_step::load);
}

TEST(function_library, replaces_only_an_older_one_of_ours) {
  EXPECT_EQ(decide_install(code_of("12-scanhost.1"), "12-scanhost.2"), install_step::replace);
  EXPECT_EQ(decide_install(code_of("12-scanhost.2"), "12-scanhost.2"), install_step::keep_same);
  EXPECT_EQ(decide_install(code_of("12-scanhost.3"), "12-scanhost.2"), install_step::keep_newer);
  EXPECT_EQ(decide_install("#!lua name=tools\nreturn 1\n", "12-scanhost.2"), install_step::keep_foreign);
}

}  // namespace
}  // namespace scanhost::plan
