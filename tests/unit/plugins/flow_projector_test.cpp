// SPDX-License-Identifier: Apache-2.0
//
// flow_projector under the scripted host: summaries that say already what would be written.
#include <map>

#include "scanner_test.hpp"

namespace ff::flow_projector_tests {
namespace {

using namespace testing;

class flow_projector : public scanner_test {
 protected:
  flow_projector() : scanner_test("flow_projector") {
    host.on("SSCAN ff:idx:{fp:0}:flow_index", array("0", array("f1")));
    host.on("SSCAN ff:flow:{fp:0}:f1:members",
            array("0", array("{fp:0}:00000000-0000-4000-8000-000000000001")));
    host.on("EXISTS", 1);
    host.on("SCARD", 1);
    host.on("HGET", [this](const call&) { return value(state); });
    host.on("HMGET", [this](const call& asked) {
      std::vector<value> fields;
      for (std::size_t i = 2; i < asked.args.size(); ++i) {
        const auto field = summary.find(asked.args[i]);
        fields.push_back(field == summary.end() ? nil() : value(field->second));
      }
      return array(std::move(fields));
    });
    host.on("HSET", [this](const call& asked) {
      for (std::size_t i = 2; i + 1 < asked.args.size(); i += 2) summary[asked.args[i]] = asked.args[i + 1];
      return value(1);
    });
    host.on("EVAL", 1);
  }

  std::string state = "active";
  std::map<std::string, std::string> summary;
};

TEST_F(flow_projector, writes_every_summary_in_every_cycle) {
  host.scan();
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("HSET").size(), 2u);
  EXPECT_EQ(host.calls("HMGET").size(), 0u);
}

TEST_F(flow_projector, skips_a_summary_of_which_only_the_time_would_change) {
  host.set_option("skip_unchanged", "true");
  EXPECT_EQ(host.scan().result.unchanged, 0u);
  host.advance(scanhost::milliseconds(5000));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host.calls("HSET").size(), 1u);
}

TEST_F(flow_projector, writes_a_summary_of_which_one_count_would_change) {
  host.set_option("skip_unchanged", "true");
  host.scan();
  state = "suspended";
  EXPECT_EQ(host.scan().result.unchanged, 0u);
  EXPECT_EQ(summary["members_suspended"], "1");
  EXPECT_EQ(summary["public_flow_state"], "blocked");
}

TEST_F(flow_projector, takes_an_ended_flow_out_of_the_index_though_its_summary_is_not_written) {
  host.set_option("skip_unchanged", "true");
  state = "completed";
  host.scan();
  EXPECT_EQ(host.scan().result.unchanged, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 2u);
}

TEST_F(flow_projector, writes_no_summary_where_the_old_one_cannot_be_read) {
  host.set_option("skip_unchanged", "true");
  host.on("HMGET", error("WRONGTYPE Operation against a key holding the wrong kind of value"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(host.calls("HSET").size(), 0u);
}

// A page is offered in as many turns as the host grants.
TEST_F(flow_projector, projects_each_flow_of_a_page_once_however_few_a_turn_allows) {
  host.on("SSCAN ff:idx:{fp:0}:flow_index", [](const call& asked) {
    return asked.args[2] == "0" ? array("7", array("f1", "f2", "f3", "f1"))
                                : array("0", array("f4", "f2", "f5"));
  });
  for (const auto* id : {"f2", "f3", "f4", "f5"})
    host.on(std::string("SSCAN ff:flow:{fp:0}:") + id + ":members",
            array("0", array("{fp:0}:00000000-0000-4000-8000-000000000002")));
  host.grant([](const turn_request&) { return 2u; });
  EXPECT_EQ(host.scan().result.processed, 5u);
  std::vector<std::string> written;
  for (const auto& write : host.calls("HSET")) written.push_back(write.args[1]);
  EXPECT_EQ(written, (std::vector<std::string>{"ff:flow:{fp:0}:f1:summary", "ff:flow:{fp:0}:f2:summary",
                                               "ff:flow:{fp:0}:f3:summary", "ff:flow:{fp:0}:f4:summary",
                                               "ff:flow:{fp:0}:f5:summary"}));
  EXPECT_EQ(host.turns().size(), 3u);
}

}  // namespace
}  // namespace ff::flow_projector_tests
