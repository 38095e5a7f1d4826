// SPDX-License-Identifier: Apache-2.0
//
// flow_trimmer under the scripted host: how flows are found, and what failures and refusals count as. What it
// deletes and what it keeps is tested against a real server.
#include "scanner_test.hpp"

namespace ff::flow_trimmer_tests {
namespace {

using namespace testing;

const std::string flow = "00000000-0000-4000-8000-00000000000f";
const std::string member = "{fp:3}:00000000-0000-4000-8000-000000000001";
const std::string key = "ff:flow:{fp:3}:" + flow;

class flow_trimmer : public scanner_test {
 protected:
  flow_trimmer() : scanner_test("flow_trimmer") { answer_well(); }

  void answer_well() {
    host.on("SCAN", array("0", array(key + ":core")));
    host.on("HMGET", core("open", 8 * day));
    host.on("SSCAN", array("0", array(member)));
    host.on("EXISTS", 0);
    host.on("HGET", nil());
    host.on("SMEMBERS", array(std::vector<value>{}));
    host.on("EVAL", 1);
  }

  value core(const std::string& state, std::int64_t ms_ago, const std::string& members = "1") const {
    const auto then = std::to_string(scanhost::to_ms(host.now()) - ms_ago);
    return array(state, then, then, nil(), members, flow);
  }
  bool is_kept(value record) {
    host.on("HMGET", std::move(record));
    host.scan();
    return host.calls("EVAL").empty();
  }
  bool has_log(const std::string& text) const {
    for (const auto& line : host.log())
      if (line.text.find(text) != std::string::npos) return true;
    return false;
  }

  static constexpr std::int64_t day = 86'400'000;
};

TEST_F(flow_trimmer, walks_the_keyspace_for_cores_summaries_tags_and_grants) {
  host.scan();
  const std::vector<std::string> expected = {"SCAN",  "0",  "MATCH", "ff:flow:{fp:*}:*:[cgst]*",
                                             "COUNT", "500"};
  EXPECT_EQ(host.calls("SCAN").at(0).args, expected);
}

TEST_F(flow_trimmer, goes_on_in_the_next_cycle_where_its_turns_ended) {
  host.on("SCAN", [](const call& asked) { return array(asked.args[1] + "1", array(key + ":summary")); });
  host.grant([](const turn_request& asked) { return asked.page < 2 ? 500u : 0u; });
  host.scan();
  host.scan();
  const auto pages = host.calls("SCAN");
  ASSERT_EQ(pages.size(), 4u);
  EXPECT_EQ(pages[2].args[1], "011");
}

TEST_F(flow_trimmer, deletes_a_flow_of_one_page_in_one_write_that_acts_on_it) {
  host.on("SMEMBERS " + key + ":in:" + member, array("e1"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 0u);
  ASSERT_EQ(host.calls("EVAL").size(), 1u);
  const auto write = host.calls("EVAL").front();
  EXPECT_TRUE(write.acts());
  const auto then = std::to_string(scanhost::to_ms(host.now()) - 8 * day);
  const std::vector<std::string> expected = {"15",
                                             key + ":core",
                                             key + ":members",
                                             key + ":pending_cancels",
                                             "ff:idx:{fp:3}:pending_cancel_groups",
                                             "ff:idx:{fp:3}:flow_index",
                                             "ff:idx:{fp:3}:cancel_backlog",
                                             "ff:exec:{fp:3}:" + member + ":core",
                                             key + ":edge:e1",
                                             key + ":in:" + member,
                                             key + ":out:" + member,
                                             key + ":edgegroup:" + member,
                                             key + ":member:" + member,
                                             key + ":summary",
                                             key + ":events",
                                             key + ":tags",
                                             "open",
                                             then,
                                             flow,
                                             "1",
                                             "3",
                                             member};
  EXPECT_EQ(std::vector<std::string>(write.args.begin() + 2, write.args.end()), expected);
}

TEST_F(flow_trimmer, deletes_a_large_flow_page_by_page_and_itself_with_the_last) {
  host.on("SSCAN", [](const call& asked) {
    const auto last = "{fp:3}:00000000-0000-4000-8000-000000000002";
    return asked.args[2] == "0" ? array("7", array(member)) : array("0", array(last));
  });
  EXPECT_EQ(host.scan().result.processed, 1u);
  const auto writes = host.calls("EVAL");
  ASSERT_EQ(writes.size(), 2u);
  EXPECT_EQ(writes[0].args[writes[0].args.size() - 2], "0");  // none of the flow's own keys
  EXPECT_EQ(writes[1].args[writes[1].args.size() - 2], "3");
}

TEST_F(flow_trimmer, deletes_many_edges_in_several_writes_each_after_the_one_before) {
  std::vector<value> edges;
  for (int i = 0; i < 1200; ++i) edges.emplace_back("e" + std::to_string(i));
  host.on("SMEMBERS " + key + ":out:" + member, array(edges));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 3u);
  host.on("EVAL", [](const call&) { return transient(); });
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 4u);
}

TEST_F(flow_trimmer, keeps_a_flow_that_was_changed_within_the_retention) {
  EXPECT_TRUE(is_kept(core("open", 6 * day)));
  EXPECT_EQ(host.calls("SSCAN").size(), 0u);
}

TEST_F(flow_trimmer, keeps_a_flow_with_a_member_that_exists) {
  host.on("EXISTS", 1);
  EXPECT_TRUE(is_kept(core("open", 8 * day)));
}

TEST_F(flow_trimmer, keeps_an_open_flow_that_never_had_a_member) {
  host.on("SSCAN", array("0", array(std::vector<value>{})));
  EXPECT_TRUE(is_kept(core("open", 8 * day, "0")));
}

TEST_F(flow_trimmer, deletes_a_cancelled_flow_that_never_had_a_member) {
  host.on("SSCAN", array("0", array(std::vector<value>{})));
  EXPECT_FALSE(is_kept(core("cancelled", 8 * day, "0")));
}

TEST_F(flow_trimmer, keeps_open_flows_where_it_is_told_to) {
  host.set_option("open_flows", "false");
  EXPECT_TRUE(is_kept(core("open", 8 * day)));
  EXPECT_FALSE(is_kept(core("cancelled", 8 * day)));
}

TEST_F(flow_trimmer, keeps_a_flow_of_unknown_age_and_says_so) {
  host.on("HMGET", array("open", "", nil(), "soon", "1", flow));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
  EXPECT_TRUE(has_log("has no time of a change"));
}

TEST_F(flow_trimmer, keeps_a_flow_with_a_member_of_another_partition) {
  for (const auto* other : {"{fp:4}:00000000-0000-4000-8000-000000000001", "of no use"}) {
    host.on("SSCAN", array("0", array(other)));
    EXPECT_EQ(host.scan().result.errors, 1u) << other;
  }
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(flow_trimmer, keeps_a_flow_of_which_something_cannot_be_read) {
  for (const auto* command : {"HMGET", "SSCAN", "EXISTS", "SMEMBERS"}) {
    answer_well();
    host.on(command, [](const call&) { return transient(); });
    EXPECT_EQ(host.scan().result.errors, 1u) << command;
  }
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(flow_trimmer, does_not_count_a_flow_that_is_wanted_again) {
  for (const int refusal : {0, 2}) {
    host.on("EVAL", refusal);
    const auto report = host.scan();
    EXPECT_EQ(report.result.processed + report.result.errors, 0u);
  }
}

TEST_F(flow_trimmer, deletes_nothing_in_a_dry_run) {
  host.on("EVAL", [](const call&) { return held_back(); });
  EXPECT_EQ(host.scan().result.skipped, 1u);
}

TEST_F(flow_trimmer, counts_a_walk_that_fails_and_goes_on_there_in_the_next_cycle) {
  host.on("SCAN", [](const call& asked) {
    return asked.args[1] == "0" ? array("9", array(std::vector<value>{})) : transient();
  });
  EXPECT_EQ(host.scan().result.errors, 1u);
  host.scan();
  EXPECT_EQ(host.calls("SCAN").back().args[1], "9");
}

TEST_F(flow_trimmer, lets_only_flows_of_its_namespace_pass) {
  host.set_option("namespace", "acme");
  host.on("HGET", "other");
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
  host.on("HGET", "acme");
  EXPECT_EQ(host.scan().result.processed, 1u);
}

TEST_F(flow_trimmer, keeps_a_flow_that_carries_the_hold_tag) {
  host.set_option("hold_tag", "legal=yes");
  host.on("HGET", "yes");
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
  host.on("HGET", "no");
  EXPECT_EQ(host.scan().result.processed, 1u);
}

TEST_F(flow_trimmer, tells_in_a_preview_what_would_be_deleted) {
  host.set_option("preview", "true");
  host.on("MEMORY USAGE", nil());
  host.on("MEMORY USAGE " + key + ":core", 100);
  host.on("MEMORY USAGE " + key + ":in:" + member, 11);
  EXPECT_EQ(host.scan().result.skipped, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
  EXPECT_TRUE(has_log("would be deleted: 1 members, 2 keys, 111 bytes"));
}

TEST_F(flow_trimmer, deletes_what_a_flow_left_that_is_gone) {
  host.on("HMGET", array(nil(), nil(), nil(), nil(), nil(), nil()));
  host.on("SCAN", array("0", array(key + ":summary", key + ":grant:g1", key + ":edge:c0ffee")));
  EXPECT_EQ(host.scan().result.processed, 2u);
  const auto writes = host.calls("EVAL");
  ASSERT_EQ(writes.size(), 2u);
  EXPECT_EQ(writes[1].args.back(), key + ":grant:g1");
}

TEST_F(flow_trimmer, keeps_summary_and_tags_of_a_flow_that_exists) {
  host.on("SCAN", array("0", array(key + ":summary", key + ":tags")));
  EXPECT_EQ(host.scan().result.processed, 0u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(flow_trimmer, acts_on_no_more_flows_than_its_turn_allows) {
  std::vector<value> found;
  for (int i = 10; i < 15; ++i)
    found.emplace_back("ff:flow:{fp:3}:00000000-0000-4000-8000-0000000000" + std::to_string(i) + ":core");
  host.on("SCAN", array("0", array(found)));
  host.grant([](const turn_request& asked) { return asked.page < 2 ? 2u : 0u; });
  EXPECT_EQ(host.scan().result.processed, 4u);
  host.grant([](const turn_request& asked) { return asked.page < 1 ? 2u : 0u; });
  EXPECT_EQ(host.scan().result.processed, 1u);
}

}  // namespace
}  // namespace ff::flow_trimmer_tests
