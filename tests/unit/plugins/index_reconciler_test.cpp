// SPDX-License-Identifier: Apache-2.0
//
// index_reconciler under the scripted host: second looks, repairs and their limit, walks over several cycles.
#include <map>

#include "scanner_test.hpp"

namespace ff::index_reconciler_tests {
namespace {

using namespace testing;

class index_reconciler : public ::testing::Test {
 protected:
  index_reconciler() : host(bundled_scanner("index_reconciler"), settings()) {
    host.on("SSCAN", [this](const call&) { return array("0", array(members)); });
    host.on("SISMEMBER", 1);
    host.on("EXISTS", 0);
    host.on("ZSCORE", nil());
    host.on("HMGET", [this](const call& asked) { return fields(asked); });
    host.on("EVAL", [](const call& asked) { return repaired(asked); });
  }
  ~index_reconciler() override { EXPECT_EQ(host.violations(), std::vector<std::string>{}); }

  static host_settings settings() {
    host_settings result;
    result.partition_counts = {{"flow", 1}};
    return result;
  }

  value fields(const call& asked) const {
    std::vector<value> found;
    for (std::size_t i = 2; i < asked.args.size(); ++i) {
      const auto field = core.find(asked.args[i]);
      found.push_back(field == core.end() ? nil() : value(field->second));
    }
    return array(std::move(found));
  }
  static value repaired(const call& asked) {
    return asked.args[2] == "2" ? value(1) : array(std::vector<value>{});
  }
  void is_delayed() {
    core = {{"lifecycle_phase", "runnable"},
            {"eligibility_state", "not_eligible_until_time"},
            {"ownership_state", "unowned"},
            {"delay_until", "1600000000000"}};
  }
  bool logged(const std::string& part) const {
    for (const auto& line : host.log())
      if (line.text.find(part) != std::string::npos) return true;
    return false;
  }

  std::vector<value> members = {"e1"};
  std::map<std::string, std::string> core;
  fake_host host;
};

TEST_F(index_reconciler, reports_an_execution_that_is_missing_at_both_looks) {
  is_delayed();
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host.calls("ZSCORE").size(), 2u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
  EXPECT_TRUE(logged("'e1' (runnable, not_eligible_until_time, unowned) is not in"));
}

TEST_F(index_reconciler, does_not_report_an_execution_whose_state_moved_between_the_looks) {
  is_delayed();
  host.on("ZSCORE", [this](const call&) {
    core["eligibility_state"] = "eligible_now";
    return nil();
  });
  EXPECT_EQ(host.scan().result.processed, 0u);
}

TEST_F(index_reconciler, does_not_report_an_execution_whose_entry_arrived_between_the_looks) {
  is_delayed();
  host.on("ZSCORE",
          [this](const call&) { return host.calls("ZSCORE").size() == 1 ? nil() : value("1600000000000"); });
  EXPECT_EQ(host.scan().result.processed, 0u);
}

TEST_F(index_reconciler, does_not_report_an_execution_that_was_purged_between_the_looks) {
  host.on("SISMEMBER", 0);
  EXPECT_EQ(host.scan().result.processed, 0u);
}

TEST_F(index_reconciler, looks_again_only_at_what_did_not_fit) {
  is_delayed();
  host.on("ZSCORE", "1600000000000");
  host.scan();
  EXPECT_EQ(host.calls("HMGET").size(), 1u);
  EXPECT_EQ(host.calls("ZSCORE").size(), 1u);
}

TEST_F(index_reconciler, counts_a_second_look_that_fails_as_one_error) {
  is_delayed();
  host.on("ZSCORE", [this](const call&) -> answer {
    return host.calls("ZSCORE").size() == 1 ? answer(nil()) : transient();
  });
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(report.result.errors, 1u);
}

TEST_F(index_reconciler, puts_a_missing_entry_where_its_record_says) {
  host.set_option("repair", "true");
  is_delayed();
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 0u);
  ASSERT_EQ(host.calls("EVAL").size(), 1u);
  const auto write = host.calls("EVAL").front();
  EXPECT_TRUE(write.acts());
  EXPECT_EQ(write.args[6], "ff:idx:{fp:0}:lane:default:delayed");
  EXPECT_EQ(write.args[16], "e1");
  EXPECT_EQ(write.args[17], "1600000000000");
  EXPECT_TRUE(logged("repaired: before in none, now in delayed at 1600000000000"));
}

TEST_F(index_reconciler, tells_from_where_it_moved_a_wrong_entry) {
  host.set_option("repair", "true");
  is_delayed();
  host.on("EVAL", array(1, "-5", 8, "7"));
  host.scan();
  EXPECT_TRUE(logged("repaired: before in eligible at -5, terminal at 7, now in delayed"));
}

TEST_F(index_reconciler, does_not_count_a_repair_whose_record_changed_meanwhile) {
  host.set_option("repair", "true");
  is_delayed();
  host.on("EVAL", 0);
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed + report.result.errors, 0u);
}

TEST_F(index_reconciler, takes_an_id_without_a_core_out_of_all_executions) {
  host.set_option("repair", "true");
  EXPECT_EQ(host.scan().result.processed, 1u);
  ASSERT_EQ(host.calls("EVAL").size(), 1u);
  const auto write = host.calls("EVAL").front();
  EXPECT_EQ(write.args[3], "ff:exec:{fp:0}:e1:core");
  EXPECT_EQ(write.args[4], "ff:idx:{fp:0}:all_executions");
}

TEST_F(index_reconciler, reports_a_core_without_a_phase_and_leaves_it_alone) {
  host.set_option("repair", "true");
  host.on("EXISTS", 1);
  const auto report = host.scan();
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(index_reconciler, leaves_an_eligible_one_alone_whose_claim_is_granted) {
  host.set_option("repair", "true");
  is_delayed();
  core["eligibility_state"] = "eligible_now";
  host.on("EXISTS", 1);
  EXPECT_EQ(host.scan().result.unchanged, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 0u);
}

TEST_F(index_reconciler, reports_what_has_no_score_without_spending_a_repair) {
  host.set_option("repair", "true");
  host.set_option("repairs_per_cycle", "1");
  members = {"e1", "e2"};
  host.on("HMGET", [this](const call& asked) {
    is_delayed();
    if (asked.item == "e1") core["delay_until"] = "soon";
    return fields(asked);
  });
  const auto report = host.cycle();
  EXPECT_EQ(report.result.processed, 2u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 1u);
  EXPECT_TRUE(logged("not repaired: its delay_until 'soon' makes no score"));
}

TEST_F(index_reconciler, repairs_no_more_in_a_cycle_than_it_may) {
  host.set_option("repair", "true");
  host.set_option("repairs_per_cycle", "2");
  is_delayed();
  members = {"e1", "e2", "e3"};
  const auto report = host.cycle();
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 2u);
  host.cycle();
  EXPECT_EQ(host.calls("EVAL").size(), 4u);
}

TEST_F(index_reconciler, holds_back_what_cannot_be_repaired_again_and_again) {
  host.set_option("repair", "true");
  is_delayed();
  host.on("EVAL", error("WRONGTYPE Operation against a key holding the wrong kind of value"));
  for (int cycle = 0; cycle < 3; ++cycle) EXPECT_EQ(host.cycle().result.errors, 1u);
  const auto report = host.cycle();
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(host.calls("EVAL").size(), 3u);
}

TEST_F(index_reconciler, repairs_nothing_in_a_dry_run) {
  host.set_option("repair", "true");
  is_delayed();
  host.on("EVAL", [](const call&) { return held_back(); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(report.result.skipped, 1u);
}

TEST_F(index_reconciler, spreads_one_walk_over_several_cycles) {
  host.set_option("walk_cycles", "2");
  host.on("SCARD", 4);
  host.on("SSCAN", [](const call& asked) {
    return asked.args[2] == "0" ? array("17", array("e1", "e2")) : array("0", array("e3", "e4"));
  });
  for (const auto* cursor : {"0", "17", "0"}) {
    EXPECT_EQ(host.cycle().result.processed, 2u);
    EXPECT_EQ(host.calls("SSCAN").back().args[2], cursor);
  }
  EXPECT_EQ(host.calls("SSCAN").size(), 3u);
}

}  // namespace
}  // namespace ff::index_reconciler_tests
