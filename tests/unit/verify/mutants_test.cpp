// SPDX-License-Identifier: Apache-2.0
//
// The first scanner of sdk/README.md, written out by hand: whole it passes, with a mistake the check that is
// meant for the mistake finds it.
#include <gmock/gmock.h>

#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "verify/verify.hpp"

namespace scanhost::verify {
namespace {

report mutant_report(const std::string& mistake, std::vector<std::string> only) {
  options how;
  how.only = std::move(only);
  how.limit = base::milliseconds(60'000);
  auto result = verify_plugin(std::filesystem::path(MUTANTS) / ("carts_" + mistake + ".so"), how, {});
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

// "check: fault" of each finding. What each is about is printed, for a test that fails.
std::vector<std::string> findings_of(const std::string& mistake, std::vector<std::string> only = {}) {
  std::vector<std::string> findings;
  for (const auto& check : mutant_report(mistake, std::move(only)).checks)
    for (const auto& finding : check.found) {
      findings.push_back(check.name + ": " + finding.fault);
      std::cout << check.name << ": " << finding.fault << ": " << finding.what << "\n";
    }
  return findings;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(verify_of_mutants, finds_nothing_wrong_with_the_scanner_as_it_should_be) {
  EXPECT_THAT(findings_of("none"), IsEmpty());
}

TEST(verify_of_mutants, says_what_the_checks_saw_of_the_scanner) {
  const auto seen = mutant_report("none", {"exercised"}).exercised;
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->scans, 12U);          // three cycles over four partitions
  EXPECT_EQ(seen->acting_calls, 144U);  // a dozen carts in each
  EXPECT_EQ(seen->turns, 24U);          // a page of them, and the empty one
  EXPECT_EQ(seen->commands, 144U + 24U);
}

const std::vector<std::string> checks_of_acting{"scan", "exercised", "acting_calls", "stuck_candidates"};

TEST(verify_of_mutants, finds_that_no_turn_is_asked_for) {
  EXPECT_THAT(findings_of("asks_for_no_turns", checks_of_acting),
              ElementsAre("acting_calls: acts_without_turn"));
}

TEST(verify_of_mutants, finds_calls_that_are_not_marked) {
  EXPECT_THAT(findings_of("marks_no_call", checks_of_acting), ElementsAre("acting_calls: unmarked_call"));
}

TEST(verify_of_mutants, finds_candidates_that_are_hidden_behind_stuck_ones) {
  EXPECT_THAT(findings_of("pages_past_nothing", checks_of_acting),
              ElementsAre("stuck_candidates: hides_candidates"));
}

TEST(verify_of_mutants, finds_an_allowance_that_is_ignored) {
  EXPECT_THAT(findings_of("ignores_the_allowance", checks_of_acting),
              ElementsAre("acting_calls: acts_beyond_turn"));
  EXPECT_THAT(findings_of("ignores_the_allowance", {"small_turns"}),
              ElementsAre("small_turns: acts_beyond_turn"));
}

TEST(verify_of_mutants, finds_calls_that_fail_and_are_not_counted) {
  EXPECT_THAT(findings_of("counts_no_errors", {"error_replies", "failed_calls"}),
              ElementsAre("failed_calls: errors_hidden"));
}

TEST(verify_of_mutants, finds_that_given_records_leave_nothing_to_do) {
  options how;
  how.only = {"exercised"};
  how.store = {{"SET", "other", "1"}};
  const auto result = verify_plugin(std::filesystem::path(MUTANTS) / "carts_none.so", how, {});
  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->checks.front().found.size(), 1U);
  EXPECT_EQ(result->checks.front().found.front().fault, "nothing_exercised");
}

TEST(verify_of_mutants, scans_the_records_that_are_given) {
  options how;
  how.only = {"exercised"};
  how.store = {{"ZADD", "carts:{shard:1}:by_touch", "1", "a", "2", "b"}};
  const auto result = verify_plugin(std::filesystem::path(MUTANTS) / "carts_none.so", how, {});
  ASSERT_TRUE(result.has_value() && result->exercised.has_value());
  EXPECT_EQ(result->exercised->acting_calls, 6U);  // both, in each of three cycles
}

}  // namespace
}  // namespace scanhost::verify
