// SPDX-License-Identifier: Apache-2.0
//
// budget_reset under the scripted host: claims, and budgets that are gone.
#include "scanner_test.hpp"

namespace ff::budget_reset_tests {
namespace {

using namespace testing;

class budget_reset : public scanner_test {
 protected:
  budget_reset() : scanner_test("budget_reset") {
    index.add(due(), "b1");
    host.on("EXISTS", 1);
    host.on("EVAL", 1);
    host.on("DEL", 1);
    host.on("FCALL", array(1, "OK", "1"));
  }
};

TEST_F(budget_reset, claims_a_reset_before_it_is_made_and_gives_the_claim_back) {
  EXPECT_EQ(host.scan().result.processed, 1u);
  std::vector<std::string> names;
  for (const auto& call : host.calls()) names.push_back(call.args[0]);
  EXPECT_EQ(names, (std::vector<std::string>{"ZRANGEBYSCORE", "EXISTS", "EVAL", "FCALL", "DEL"}));
}

TEST_F(budget_reset, leaves_alone_what_another_host_is_resetting) {
  host.on("EVAL", 0);
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed + report.result.errors, 0u);
  EXPECT_EQ(host.calls("FCALL").size(), 0u);
  EXPECT_EQ(host.calls("DEL").size(), 0u);
}

TEST_F(budget_reset, gives_the_claim_back_when_the_call_fails) {
  host.on("FCALL", error("ERR it aborts"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("DEL").size(), 1u);
}

TEST_F(budget_reset, removes_the_entry_of_a_deleted_budget_instead_of_calling) {
  host.on("EXISTS", 0);
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host.calls("FCALL").size(), 0u);
}

TEST_F(budget_reset, claims_and_releases_nothing_in_a_dry_run) {
  host.on("EVAL", [](const call&) { return held_back(); });
  host.on("FCALL", [](const call&) { return held_back(); });
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.calls("DEL").size(), 0u);
}

}  // namespace
}  // namespace ff::budget_reset_tests
