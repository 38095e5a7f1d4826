// SPDX-License-Identifier: Apache-2.0
//
// Acting calls are counted against turns, and changing commands that are not marked are noticed.
#include "verify/ledger.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace scanhost::verify {
namespace {

struct one_scan {
  ledger counts{true};

  void turn(std::uint32_t allowance, std::uint32_t pass = 0) {
    counts.add_turn({"{shard:0}", pass, 0, 0, 0}, allowance);
  }
  std::string send(std::vector<std::string> args, const testing::answer& given, std::string item = {},
                   std::uint32_t items = 1, bool has_turns = true) {
    testing::call call;
    call.args = std::move(args);
    call.tag = "{shard:0}";
    call.item = std::move(item);
    call.items = items;
    call.flags = call.item.empty() ? 0 : std::uint32_t{SCANHOST_COMMAND_ACTS};
    const auto wrong = counts.add_command(0, call, given, has_turns);
    return wrong ? std::string(to_text(wrong->kind)) : "";
  }
  std::string act_on(std::string item, std::uint32_t items = 1) {
    return send({"ZREM", "index", item}, 1, item, items);
  }
  std::string end(std::uint64_t processed = 0) const {
    testing::scan_report report;
    report.finished = true;
    report.result.processed = processed;
    const auto wrong = counts.look_for_unmarked(report);
    return wrong ? std::string(to_text(wrong->kind)) : "";
  }
};

TEST(ledger, allows_as_many_candidates_as_the_turn) {
  one_scan scan;
  scan.turn(2);
  EXPECT_EQ(scan.act_on("a"), "");
  EXPECT_EQ(scan.act_on("b"), "");
  EXPECT_EQ(scan.act_on("c"), "acts_beyond_turn");
}

TEST(ledger, counts_a_candidate_that_needs_several_calls_once) {
  one_scan scan;
  scan.turn(1);
  EXPECT_EQ(scan.act_on("a"), "");
  EXPECT_EQ(scan.act_on("a"), "");
}

TEST(ledger, counts_all_items_of_a_command) {
  one_scan scan;
  scan.turn(3);
  EXPECT_EQ(scan.act_on("a", 4), "acts_beyond_turn");
}

TEST(ledger, carries_nothing_over_from_one_turn_of_a_pass_to_the_next) {
  one_scan scan;
  scan.turn(2);
  scan.turn(1);
  EXPECT_EQ(scan.act_on("a"), "");
  EXPECT_EQ(scan.act_on("b"), "acts_beyond_turn");
}

TEST(ledger, adds_up_the_turns_of_several_passes) {
  one_scan scan;
  scan.turn(1, 0);
  scan.turn(1, 1);
  EXPECT_EQ(scan.act_on("a"), "");
  EXPECT_EQ(scan.act_on("b"), "");
  EXPECT_EQ(scan.act_on("c"), "acts_beyond_turn");
}

TEST(ledger, wants_a_turn_before_the_first_call) {
  one_scan scan;
  EXPECT_EQ(scan.act_on("a"), "acts_without_turn");
}

TEST(ledger, limits_no_calls_of_begin_cycle) {
  one_scan scan;
  EXPECT_EQ(scan.send({"ZREM", "index", "a"}, 1, "a", 1, false), "");
}

TEST(ledger, notices_a_change_of_an_item_that_no_call_is_marked_for) {
  one_scan scan;
  scan.send({"ZRANGE", "index", "0", "-1"}, testing::array("cart-1", "cart-2"));
  scan.send({"EVAL", "return 1", "1", "cart:{shard:0}:cart-1"}, 1);
  EXPECT_EQ(scan.end(), "unmarked_call");
}

TEST(ledger, lets_bookkeeping_be_beside_the_marked_call_of_an_item) {
  one_scan scan;
  scan.turn(1);
  scan.send({"ZRANGE", "index", "0", "-1"}, testing::array("cart-1"));
  scan.send({"SET", "claim:cart-1", "me", "NX"}, testing::status("OK"));
  scan.act_on("cart-1");
  scan.send({"DEL", "claim:cart-1"}, 1);
  scan.send({"HSET", "place:{shard:0}", "cursor", "5"}, 1);
  EXPECT_EQ(scan.end(1), "");
}

TEST(ledger, notices_entries_that_a_command_claims_unmarked) {
  one_scan scan;
  const auto entries = testing::array(testing::array("5-1", testing::array("field", "1")));
  scan.send({"XAUTOCLAIM", "stream", "group", "me", "0", "0"},
            testing::array(testing::value("0-0"), entries));
  EXPECT_EQ(scan.end(), "unmarked_call");
}

TEST(ledger, notices_a_result_that_counts_changes_without_a_marked_call) {
  one_scan scan;
  scan.send({"XTRIM", "log", "MINID", "5"}, 3);
  EXPECT_EQ(scan.end(0), "");
  EXPECT_EQ(scan.end(3), "unmarked_call");
}

TEST(ledger, does_not_take_a_script_that_only_reads_for_a_change) {
  one_scan scan;
  scan.send({"ZRANGE", "index", "0", "-1"}, testing::array("cart-1"));
  scan.send({"FCALL_RO", "look", "1", "cart-1"}, 1);
  scan.send({"FCALL", "version", "0"}, 1);
  EXPECT_EQ(scan.end(1), "");
}

}  // namespace
}  // namespace scanhost::verify
