// SPDX-License-Identifier: Apache-2.0
//
// pending_wp_expiry under the scripted host: how long the records of a closed waitpoint live.
#include "scanner_test.hpp"

namespace ff::pending_wp_expiry_tests {
namespace {

using namespace testing;

class pending_wp_expiry : public scanner_test {
 protected:
  pending_wp_expiry() : scanner_test("pending_wp_expiry") {
    index.add(due(), "wp-1");
    host.on("EXISTS", 1);
    host.on("HMGET", array("{fp:0}:e1", "pending"));
    host.on("FCALL", array(1, "OK"));
    host.on("EVAL", 1);
  }
};

TEST_F(pending_wp_expiry, keeps_closed_waitpoints_for_ever) {
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(pending_wp_expiry, limits_the_life_of_what_it_closed) {
  host.set_option("closed_waitpoint_ttl", "2h");
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 0u);
  ASSERT_EQ(host.calls("EVAL").size(), 1u);
  const auto write = host.calls("EVAL").front();
  const std::vector<std::string> expected = {
      "3",       "ff:wp:{fp:0}:wp-1", "ff:wp:{fp:0}:wp-1:condition", "ff:wp:{fp:0}:wp-1:signals",
      "7200000", "never_committed"};
  EXPECT_EQ(std::vector<std::string>(write.args.begin() + 2, write.args.end()), expected);
}

TEST_F(pending_wp_expiry, does_not_limit_what_was_finished_before) {
  host.set_option("closed_waitpoint_ttl", "2h");
  host.on("FCALL", array(1, "OK", "already_closed"));
  EXPECT_EQ(host.scan().result.unchanged, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 1u);  // the removal of its entry
}

TEST_F(pending_wp_expiry, does_not_limit_what_it_could_not_close) {
  host.set_option("closed_waitpoint_ttl", "2h");
  host.on("FCALL", [](const call&) { return held_back(); });
  EXPECT_EQ(host.scan().result.skipped, 1u);
  host.on("FCALL", error("ERR it aborts"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(pending_wp_expiry, reports_a_life_that_could_not_be_limited) {
  host.set_option("closed_waitpoint_ttl", "2h");
  host.on("EVAL", [](const call&) { return transient(); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 1u);
}

}  // namespace
}  // namespace ff::pending_wp_expiry_tests
