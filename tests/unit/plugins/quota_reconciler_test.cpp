// SPDX-License-Identifier: Apache-2.0
//
// quota_reconciler under the scripted host: policies whose definition is gone.
#include "scanner_test.hpp"

namespace ff::quota_reconciler_tests {
namespace {

using namespace testing;

class quota_reconciler : public scanner_test {
 protected:
  quota_reconciler() : scanner_test("quota_reconciler") {
    host.on("SMEMBERS", array("q1"));
    host.on("HMGET", array(nil(), nil()));
    host.on("EVAL", 1);
  }
};

TEST_F(quota_reconciler, leaves_policies_without_a_definition_alone) {
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed + report.result.errors, 0u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(quota_reconciler, prunes_policies_without_a_definition_where_it_may) {
  host.set_option("prune", "true");
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 1u);
  ASSERT_EQ(host.calls("EVAL").size(), 1u);
  const auto write = host.calls("EVAL").front();
  EXPECT_TRUE(write.acts());
  EXPECT_EQ(write.args[3], "ff:quota:{q:0}:q1");
  EXPECT_EQ(write.args[4], "ff:idx:{q:0}:quota_policies");
  EXPECT_EQ(write.args[5], "q1");
}

TEST_F(quota_reconciler, does_not_count_a_policy_whose_definition_came_back) {
  host.set_option("prune", "true");
  host.on("EVAL", 0);
  EXPECT_EQ(host.scan().result.processed, 0u);
}

TEST_F(quota_reconciler, does_not_take_a_failed_read_for_a_missing_definition) {
  host.set_option("prune", "true");
  host.on("HMGET", [](const call&) { return transient(); });
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(quota_reconciler, prunes_nothing_in_a_dry_run) {
  host.set_option("prune", "true");
  host.on("EVAL", [](const call&) { return held_back(); });
  EXPECT_EQ(host.scan().result.skipped, 1u);
}

}  // namespace
}  // namespace ff::quota_reconciler_tests
