// SPDX-License-Identifier: Apache-2.0
//
// dependency_reconciler under the scripted host: how it calls for a child of a flow, and what it makes of the
// answers for groups.
#include "scanner_test.hpp"

namespace ff::dependency_reconciler_tests {
namespace {

using namespace testing;

constexpr const char* upstream = "{fp:0}:11111111-1111-4111-8111-111111111111";
constexpr const char* flow = "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA";

class dependency_reconciler : public scanner_test {
 protected:
  dependency_reconciler() : scanner_test("dependency_reconciler") {
    index.add(1, "{fp:0}:child");
    host.on("SMEMBERS", array(std::vector<value>{"edge"}));
    host.on("HGET", upstream);
    belongs_to(flow);
    answers(array(1, "OK", "pending", ""));
  }

  void belongs_to(const value& of) {
    host.on("HMGET", [of](const call& asked) {
      if (asked.args[2] == "lifecycle_phase") return array("terminal", "failed");
      return array(nil(), of);
    });
  }
  void answers(value reply) { host.on("FCALL ff_resolve_dependency", std::move(reply)); }
};

TEST_F(dependency_reconciler, names_the_group_of_a_child_of_a_flow) {
  host.scan();
  ASSERT_EQ(host.calls("FCALL").size(), 1u);
  const auto call = host.calls("FCALL")[0];
  EXPECT_EQ(call.args[2], "14");
  const std::string of = "ff:flow:{fp:0}:aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa:";
  EXPECT_EQ(call.args[14], of + "edgegroup:{fp:0}:child");
  EXPECT_EQ(call.args[15], of + "in:{fp:0}:child");
  EXPECT_EQ(call.args[16], "ff:idx:{fp:0}:pending_cancel_groups");
  EXPECT_EQ(call.args[17], "edge");
  EXPECT_EQ(call.args[18], "failed");
  EXPECT_EQ(call.args[20], "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
  EXPECT_EQ(call.args[21], "{fp:0}:child");
}

TEST_F(dependency_reconciler, calls_for_a_child_without_a_flow_as_ever) {
  belongs_to("");
  host.scan();
  ASSERT_EQ(host.calls("FCALL").size(), 1u);
  EXPECT_EQ(host.calls("FCALL")[0].args[2], "11");
  EXPECT_EQ(host.calls("FCALL")[0].args.size(), 3u + 11u + 3u);
}

TEST_F(dependency_reconciler, counts_an_edge_of_a_group_that_waits_as_changed) {
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 0u);
  EXPECT_EQ(report.result.errors, 0u);
}

TEST_F(dependency_reconciler, names_a_child_that_stays_blocked_behind_a_group_that_fired) {
  answers(array(1, "OK", "already_fired", ""));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  ASSERT_FALSE(host.log().empty());
  EXPECT_NE(host.log().back().text.find("its edge group has fired"), std::string::npos);
}

TEST_F(dependency_reconciler, names_child_flow_and_sum_where_the_counters_exceed_the_group) {
  answers(array(0, "invariant_violation", "edgegroup counters exceed n: 3/2"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(report.result.errors, 1u);
  ASSERT_FALSE(host.log().empty());
  const auto text = host.log().back().text;
  for (const char* part : {"{fp:0}:child", "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "3/2"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace
}  // namespace ff::dependency_reconciler_tests
