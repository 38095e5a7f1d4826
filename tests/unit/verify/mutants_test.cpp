// SPDX-License-Identifier: Apache-2.0
//
// The first scanner of sdk/README.md, written out by hand: whole it passes, with a mistake the check that is
// meant for the mistake finds it.
#include <gmock/gmock.h>

#include <filesystem>
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

std::vector<std::string> faults_of(const report& report) {
  std::vector<std::string> faults;
  for (const auto& check : report.checks)
    for (const auto& finding : check.found) faults.push_back(finding.fault);
  return faults;
}

TEST(verify_of_mutants, finds_nothing_wrong_with_the_scanner_as_it_should_be) {
  EXPECT_THAT(faults_of(mutant_report("none", {"load", "scan", "small_turns", "error_replies", "failed_calls",
                                               "empty_partitions", "early_visits", "held_back_calls"})),
              ::testing::IsEmpty());
}

TEST(verify_of_mutants, finds_calls_that_fail_and_are_not_counted) {
  EXPECT_THAT(faults_of(mutant_report("counts_no_errors", {"failed_calls"})),
              ::testing::Contains("errors_hidden"));
}

TEST(verify_of_mutants, finds_an_allowance_that_is_ignored) {
  EXPECT_THAT(faults_of(mutant_report("ignores_the_allowance", {"small_turns"})),
              ::testing::Contains("acts_beyond_turn"));
}

}  // namespace
}  // namespace scanhost::verify
