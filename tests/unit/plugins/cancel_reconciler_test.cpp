// SPDX-License-Identifier: Apache-2.0
//
// cancel_reconciler under the scripted host: which failures settle a member, and what stays owed.
#include <cstdio>

#include "scanner_test.hpp"

namespace ff::cancel_reconciler_tests {
namespace {

using namespace testing;

constexpr const char* flow = "0000abc7-0000-4000-8000-000000000001";
constexpr const char* member = "{fp:9}:0000abc8-0000-4000-8000-000000000001";

class cancel_reconciler : public scanner_test {
 protected:
  cancel_reconciler() : scanner_test("cancel_reconciler") {
    index.add(due(), flow);
    host.on("EXISTS", 1);
    host.on("SCARD", 1);
    host.on("ZCARD", 7);
    host.on("HGET", "no longer needed");
    host.on("SRANDMEMBER", array(std::vector<value>{member}));
    host.on("HMGET", array("gpu", "2", nil(), "w-1"));
    host.on("FCALL ff_cancel_execution", array(1, "OK", "cancelled", "active"));
    host.on("FCALL ff_ack_cancel_member", array(1, "OK"));
  }
  std::size_t acknowledged() const {
    std::size_t count = 0;
    for (const auto& call : host.calls("FCALL")) count += call.args[1] == "ff_ack_cancel_member" ? 1 : 0;
    return count;
  }
};

TEST_F(cancel_reconciler, cancels_in_the_members_partition_and_acknowledges_in_the_flows) {
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  const auto calls = host.calls("FCALL");
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].route, "{fp:9}");
  EXPECT_EQ(calls[0].args[2], "21");
  EXPECT_EQ(calls[0].args[4], "ff:attempt:{fp:9}:" + std::string(member) + ":2");
  EXPECT_EQ(calls[0].args[9], "ff:idx:{fp:9}:worker:w-1:leases");
  EXPECT_EQ(calls[0].args[14], "ff:idx:{fp:9}:lane:gpu:terminal");
  EXPECT_EQ(calls[0].args[25], "no longer needed");
  EXPECT_EQ(calls[0].args[26], "operator_override");
  EXPECT_EQ(calls[1].route, "");
  EXPECT_EQ(calls[1].args[5], member);
}

TEST_F(cancel_reconciler, acknowledges_nothing_on_failures_that_pass) {
  for (const char* text : {"OOM command not allowed", "READONLY You can't write", "NOPERM no",
                           "MASTERDOWN Link", "ERR Function not found", "LOADING Redis"}) {
    host.on("FCALL ff_cancel_execution", error(text));
    const auto report = host.scan();
    EXPECT_EQ(report.result.errors, 1u) << text;
    EXPECT_EQ(acknowledged(), 0u) << text;
    host.failures().success(host.tag_of(0), member);
  }
  host.on("FCALL ff_cancel_execution", [](const call&) { return transient(); });
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(acknowledged(), 0u);
}

TEST_F(cancel_reconciler, acknowledges_a_member_that_no_call_can_ever_cancel) {
  host.on("FCALL ff_cancel_execution", error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(acknowledged(), 1u);
}

TEST_F(cancel_reconciler, acknowledges_a_member_whose_core_is_of_a_wrong_type_without_a_call) {
  host.on("HMGET", error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("FCALL").size(), 1u);
}

TEST_F(cancel_reconciler, takes_a_member_that_is_over_or_gone_as_settled) {
  for (const char* code : {"execution_not_active", "execution_not_found"}) {
    host.on("FCALL ff_cancel_execution", array(0, code));
    EXPECT_EQ(host.scan().result.processed, 1u) << code;
  }
  host.on("FCALL ff_cancel_execution", array(0, "lease_revoked"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(acknowledged(), 2u);
}

TEST_F(cancel_reconciler, walks_again_for_a_flow_that_owed_more_than_one_sample) {
  int samples = 0;
  host.on("SRANDMEMBER", [&](const call&) {
    std::vector<value> members;
    for (int i = 0; i < (samples == 0 ? 500 : 10); ++i) {
      char id[64];
      std::snprintf(id, sizeof id, "{fp:9}:0000abc8-0000-4000-8000-%012d", samples * 1000 + i);
      members.emplace_back(id);
    }
    ++samples;
    return array(std::move(members));
  });
  EXPECT_EQ(host.scan().result.processed, 510u);
  EXPECT_EQ(samples, 2);
}

TEST_F(cancel_reconciler, samples_the_backlog_in_cycles_but_not_in_early_visits) {
  const auto report = host.scan();
  EXPECT_EQ(report.result.flags & SCANHOST_RESULT_BACKLOG, SCANHOST_RESULT_BACKLOG);
  EXPECT_EQ(report.result.backlog, 7u);
  EXPECT_EQ(host.scan(0, SCANHOST_VISIT_EARLY).result.flags & SCANHOST_RESULT_BACKLOG, 0u);
}

TEST_F(cancel_reconciler, has_no_sample_where_the_backlog_cannot_be_read) {
  host.on("ZCARD", error("WRONGTYPE Operation against a key"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.flags & SCANHOST_RESULT_BACKLOG, 0u);
  EXPECT_EQ(report.result.errors, 0u);
}

TEST_F(cancel_reconciler, never_invents_a_reason) {
  host.on("HGET", error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("FCALL").size(), 0u);
}

TEST_F(cancel_reconciler, leaves_members_of_another_namespace_owed) {
  host.set_option("namespace", "acme");
  host.on("HGET", [](const call& asked) {
    return asked.args[2] == "namespace" ? value("other") : value("no longer needed");
  });
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(host.calls("FCALL").size(), 0u);
}

}  // namespace
}  // namespace ff::cancel_reconciler_tests
