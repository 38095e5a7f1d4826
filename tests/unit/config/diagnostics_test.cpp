// SPDX-License-Identifier: Apache-2.0
//
// How many problems are kept, and which.
#include "config/diagnostics.hpp"

#include <gmock/gmock.h>

#include "unit/config/loading.hpp"

namespace scanhost::config {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

TEST(diagnostics, keep_the_same_problem_once) {
  diagnostics found;
  for (int turn = 0; turn < 3; ++turn) found.problem(7, "wrong");
  EXPECT_THAT(found.problems, SizeIs(1));
}

TEST(diagnostics, keep_the_first_ones_and_say_at_the_end_that_there_are_more) {
  diagnostics found;
  for (int line = 1'000; line > 0; --line) found.problem(line, "wrong");
  ASSERT_THAT(found.problems, SizeIs(diagnostics::max_listed + 1));
  EXPECT_TRUE(found.is_full());
  EXPECT_EQ(found.problems.front().line, 1'000);
  EXPECT_EQ(found.problems.back(),
            (diagnostic{1'000, "there are more problems than these; correct these and check again"}));
}

TEST(diagnostics, say_nothing_of_more_where_exactly_as_many_were_found) {
  diagnostics found;
  for (std::size_t line = 1; line <= diagnostics::max_listed; ++line)
    found.warning(static_cast<int>(line), "odd");
  EXPECT_THAT(found.warnings, SizeIs(diagnostics::max_listed));
  EXPECT_FALSE(found.is_full());
}

TEST(diagnostics, of_a_file_that_is_no_configuration_are_bounded) {
  std::string unknown_keys, bad_names = "scanners:\n", wrong_scanners = "scanners:\n",
                            tags = "scanners:\n  a:\n";
  for (int number = 0; number < 900; ++number) {
    unknown_keys += "key" + std::to_string(number) + ": 1\n";
    bad_names += "  K" + std::to_string(number) + ": {}\n";
    wrong_scanners += "  sweeper@" + std::to_string(number) + ": {intervall: 1s}\n";
    tags += "  - !x y\n";
  }
  for (const auto& text : {unknown_keys, bad_names, wrong_scanners, tags}) {
    const auto found = problems_of(text);
    EXPECT_LE(found.size(), 2 * (diagnostics::max_listed + 1));
    EXPECT_THAT(found, testing::Contains(HasSubstr("there are more problems than these")));
  }
}

}  // namespace
}  // namespace scanhost::config
