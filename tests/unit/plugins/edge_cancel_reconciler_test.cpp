// SPDX-License-Identifier: Apache-2.0
//
// edge_cancel_reconciler under the scripted host: what each action of the function counts as.
#include "pending_groups_fixture.hpp"

namespace ff::edge_cancel_reconciler_tests {
namespace {

using namespace testing;

class edge_cancel_reconciler : public pending_groups_test {
 protected:
  edge_cancel_reconciler() : pending_groups_test("edge_cancel_reconciler") { set.add(group()); }

  void answer_with(answer reply) { host.on("FCALL ff_reconcile_sibling_cancel_group", std::move(reply)); }
  double actions(const std::string& action) const {
    return host.metrics().value("sibling_cancel_reconcile_total", {{"action", action}});
  }
};

TEST_F(edge_cancel_reconciler, calls_the_function_with_the_groups_keys_and_ids) {
  set.add(std::string(flow_in_capitals) + "|" + execution(1'000'001));
  answer_with(array(1, "OK", "completed_drain", ""));
  EXPECT_EQ(host.scan().result.processed, 2u);
  const auto calls = calls_of("ff_reconcile_sibling_cancel_group");
  ASSERT_EQ(calls.size(), 2u);
  for (const auto& call_made : calls) {
    EXPECT_EQ(call_made.args[2], "2");
    EXPECT_EQ(call_made.args[3], "ff:idx:{fp:0}:pending_cancel_groups");
    EXPECT_EQ(call_made.args[4],
              "ff:flow:{fp:0}:" + std::string(flow) + ":edgegroup:" + execution(1'000'001));
    EXPECT_EQ(call_made.args[5], flow);
    EXPECT_EQ(call_made.args[6], execution(1'000'001));
    EXPECT_TRUE(call_made.acts());
  }
}

TEST_F(edge_cancel_reconciler, counts_what_was_changed_and_all_actions) {
  answer_with(array(1, "OK", "sremmed_stale", "flag_cleared"));
  EXPECT_EQ(host.scan().result.processed, 1u);
  answer_with(array(1, "OK", "completed_drain", ""));
  EXPECT_EQ(host.scan().result.processed, 1u);
  answer_with(array(1, "OK", "no_op", "siblings_running"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed + report.result.errors, 0u);
  for (const char* action : {"sremmed_stale", "completed_drain", "no_op"})
    EXPECT_EQ(actions(action), 1) << action;
}

TEST_F(edge_cancel_reconciler, counts_failures_refusals_and_unknown_actions_as_errors) {
  for (const auto& reply : {answer(error("WRONGTYPE Operation against a key")), answer(transient()),
                            answer(array(0, "invalid_args", "no")),
                            answer(array(1, "OK", "something else", "")), answer("no array")}) {
    answer_with(reply);
    const auto report = host.scan();
    EXPECT_EQ(report.result.errors, 1u);
    EXPECT_EQ(report.result.processed, 0u);
  }
}

TEST_F(edge_cancel_reconciler, removes_malformed_members_and_counts_them) {
  set.add("nothing");
  answer_with(array(1, "OK", "no_op", "siblings_running"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_FALSE(set.contains("nothing"));
  EXPECT_TRUE(set.contains(group()));
}

TEST_F(edge_cancel_reconciler, looks_at_every_group_though_nothing_moves) {
  for (int child = 2; child <= 700; ++child) set.add(group(child));
  answer_with(array(1, "OK", "no_op", "siblings_running"));
  host.scan();
  EXPECT_EQ(calls_of("ff_reconcile_sibling_cancel_group").size(), 700u);
}

TEST_F(edge_cancel_reconciler, counts_a_set_that_cannot_be_read_once) {
  host.on("SSCAN", error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(host.scan().result.errors, 1u);
}

TEST_F(edge_cancel_reconciler, changes_nothing_in_a_dry_run) {
  answer_with(held_back());
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.errors, 0u);
}

}  // namespace
}  // namespace ff::edge_cancel_reconciler_tests
