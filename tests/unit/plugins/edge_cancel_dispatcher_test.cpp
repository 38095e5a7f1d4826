// SPDX-License-Identifier: Apache-2.0
//
// edge_cancel_dispatcher under the scripted host: what settles a sibling, what keeps its group, and how far
// one scan goes.
#include <algorithm>
#include <map>
#include <set>

#include "pending_groups_fixture.hpp"

namespace ff::edge_cancel_dispatcher_tests {
namespace {

using namespace testing;

class edge_cancel_dispatcher : public pending_groups_test {
 protected:
  explicit edge_cancel_dispatcher(host_settings settings = {})
      : pending_groups_test("edge_cancel_dispatcher", std::move(settings)) {
    host.on("HMGET", [this](const call& asked) { return read(asked); });
    host.on("FCALL ff_cancel_execution", array(1, "OK", "cancelled", "runnable"));
    host.on("FCALL ff_drain_sibling_cancel_group", [this](const call& asked) {
      const auto member = asked.args[5] + "|" + asked.args[6];
      const bool was_there = set.contains(member);
      set.remove(member);
      return array(1, "OK", was_there ? "drained" : "already_drained", "");
    });
  }

  // A fired group with these siblings.
  void add_group(const std::string& siblings, int child = 1) {
    set.add(group(child));
    siblings_[execution(1'000'000 + child)] = siblings;
  }
  static std::string joined_ids(int first, int count) {
    std::string ids;
    for (int i = first; i < first + count; ++i) ids += (ids.empty() ? "" : "|") + execution(i);
    return ids;
  }
  std::size_t cancelled() const { return calls_of("ff_cancel_execution").size(); }
  std::size_t drained() const { return calls_of("ff_drain_sibling_cancel_group").size(); }
  double dispositions(const std::string& disposition) const {
    return host.metrics().value("sibling_cancel_disposition_total", {{"disposition", disposition}});
  }

  std::string reason = "sibling_quorum_satisfied";
  std::set<std::string> ended;

  answer read(const call& asked) {
    const auto& key = asked.args[1];
    if (const auto at = key.find(":edgegroup:"); at != std::string::npos)
      return array(reason, siblings_[key.substr(at + 11)], "1699999999000");
    const bool is_over = std::ranges::any_of(
        ended, [&](const std::string& id) { return key.find(id + ":core") != std::string::npos; });
    return array("gpu", "2", nil(), "w-1", is_over ? "terminal" : "active");
  }

 private:
  std::map<std::string, std::string> siblings_;
};

TEST_F(edge_cancel_dispatcher, cancels_each_sibling_in_its_own_partition_and_drains_the_group) {
  add_group(execution(1, 9) + "|" + execution(2));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  const auto cancels = calls_of("ff_cancel_execution");
  ASSERT_EQ(cancels.size(), 2u);
  EXPECT_EQ(cancels[0].route, "{fp:9}");
  EXPECT_EQ(cancels[0].args[2], "21");
  EXPECT_EQ(cancels[0].args[4], "ff:attempt:{fp:9}:" + execution(1, 9) + ":2");
  EXPECT_EQ(cancels[0].args[24], execution(1, 9));
  EXPECT_EQ(cancels[0].args[25], "sibling_quorum_satisfied");
  EXPECT_EQ(cancels[0].args[26], "operator_override");
  EXPECT_EQ(cancels[0].due_ms, 1699999999000);
  const auto drains = calls_of("ff_drain_sibling_cancel_group");
  ASSERT_EQ(drains.size(), 1u);
  EXPECT_EQ(drains[0].args[3], "ff:idx:{fp:0}:pending_cancel_groups");
  EXPECT_EQ(drains[0].args[4], "ff:flow:{fp:0}:" + std::string(flow) + ":edgegroup:" + execution(1'000'001));
  EXPECT_EQ(drains[0].args[5], flow);
  EXPECT_EQ(drains[0].args[6], execution(1'000'001));
}

TEST_F(edge_cancel_dispatcher, takes_the_reason_as_it_is_and_the_satisfied_one_where_there_is_none) {
  add_group(execution(1));
  reason = "Odd Reason";
  host.scan();
  add_group(execution(2), 2);
  reason = "";
  host.scan();
  add_group(execution(3), 3);
  reason = "sibling_quorum_impossible";
  host.scan();
  const auto cancels = calls_of("ff_cancel_execution");
  ASSERT_EQ(cancels.size(), 3u);
  EXPECT_EQ(cancels[0].args[25], "Odd Reason");
  EXPECT_EQ(cancels[1].args[25], "sibling_quorum_satisfied");
  const auto dispatched = [&](const char* label) {
    return host.metrics().value("sibling_cancel_dispatched_total", {{"reason", label}});
  };
  EXPECT_EQ(dispatched("sibling_quorum_satisfied"), 2);
  EXPECT_EQ(dispatched("sibling_quorum_impossible"), 1);
}

TEST_F(edge_cancel_dispatcher, settles_siblings_that_the_function_refuses_as_ended_or_gone) {
  for (const char* code : {"execution_not_active", "execution_not_found"}) {
    add_group(execution(1));
    host.on("FCALL ff_cancel_execution", array(0, code));
    const auto report = host.scan();
    EXPECT_EQ(report.result.processed, 1u) << code;
    EXPECT_EQ(report.result.errors, 0u) << code;
  }
  EXPECT_EQ(drained(), 2u);
  EXPECT_EQ(dispositions("already_terminal"), 1);
  EXPECT_EQ(dispositions("not_found"), 1);
}

TEST_F(edge_cancel_dispatcher, needs_no_call_for_a_sibling_that_has_ended) {
  add_group(joined_ids(1, 3));
  ended = {execution(2)};
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(cancelled(), 2u);
  EXPECT_EQ(dispositions("already_terminal"), 1);
  EXPECT_EQ(dispositions("cancelled"), 2);
}

TEST_F(edge_cancel_dispatcher, goes_on_without_a_sibling_whose_record_is_of_a_wrong_type) {
  add_group(execution(1));
  host.on("FCALL ff_cancel_execution", error("WRONGTYPE Operation against a key"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  ASSERT_FALSE(host.log().empty());
  EXPECT_NE(host.log().front().text.find("cannot be cancelled"), std::string::npos);
}

TEST_F(edge_cancel_dispatcher, tries_all_siblings_and_keeps_the_group_when_one_fails) {
  add_group(joined_ids(1, 5));
  host.on("FCALL ff_cancel_execution", [](const call& asked) {
    return asked.args[24] == execution(3) ? answer(error("ERR the function aborted"))
                                          : answer(array(1, "OK", "cancelled", "active"));
  });
  const auto report = cycle();
  EXPECT_EQ(cancelled(), 5u);
  EXPECT_EQ(drained(), 0u);
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.oldest_due_ms, 1699999999000);
  EXPECT_EQ(host.failures().count(host.tag_of(0), execution(3)), 1u);
  EXPECT_EQ(host.failures().count(host.tag_of(0), execution(4)), 0u);
}

TEST_F(edge_cancel_dispatcher, keeps_the_group_on_every_failure_that_passes) {
  add_group(execution(1));
  for (const char* text :
       {"OOM no room", "READONLY You can't write", "NOPERM no", "ERR Function not found"}) {
    host.on("FCALL ff_cancel_execution", error(text));
    EXPECT_EQ(host.scan().result.errors, 1u) << text;
    host.failures().success(host.tag_of(0), execution(1));
  }
  host.on("FCALL ff_cancel_execution", array(0, "lease_revoked"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(drained(), 0u);
}

TEST_F(edge_cancel_dispatcher, waits_for_siblings_in_back_off_and_hides_no_other_group_behind_them) {
  add_group(execution(1));
  add_group(execution(2), 2);
  host.create();
  host.failures().back_off(host.tag_of(0), execution(1));
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_TRUE(set.contains(group(1)));
  EXPECT_FALSE(set.contains(group(2)));
}

TEST_F(edge_cancel_dispatcher, cancels_more_siblings_than_fit_in_one_chunk) {
  add_group(joined_ids(1, 2500));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(cancelled(), 2500u);
  EXPECT_EQ(dispositions("cancelled"), 2500);
  EXPECT_EQ(drained(), 1u);
}

// A call is not made from a read that is older than a second.
TEST_F(edge_cancel_dispatcher, reads_no_more_siblings_than_it_can_soon_cancel) {
  add_group(joined_ids(1, 40));
  host.on("FCALL ff_drain_sibling_cancel_group", array(1, "OK", "drained", ""));
  int reads = 0;
  host.on("HMGET ", [&](const call& asked) {
    if (++reads % 4 == 0) host.advance(scanhost::milliseconds(1));
    return read(asked);
  });
  EXPECT_EQ(host.cycle().result.processed, 256u);
  EXPECT_EQ(cancelled(), 256u * 40);
}

TEST_F(edge_cancel_dispatcher, passes_over_empty_parts_and_ids_that_name_no_execution) {
  add_group("||" + execution(1) + "|not an id||");
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(cancelled(), 1u);
  EXPECT_EQ(host.metrics().value("sibling_cancel_dispatched_total", {{"reason", "sibling_quorum_satisfied"}}),
            1);
}

TEST_F(edge_cancel_dispatcher, drains_a_group_without_siblings_at_once) {
  add_group("");
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(cancelled(), 0u);
  EXPECT_EQ(drained(), 1u);
}

TEST_F(edge_cancel_dispatcher, counts_a_group_that_cannot_be_read_or_drained) {
  add_group(execution(1));
  host.on("FCALL ff_drain_sibling_cancel_group", error("OOM no room"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  host.on("HMGET", error("WRONGTYPE Operation against a key"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  EXPECT_EQ(cancelled(), 1u);
}

TEST_F(edge_cancel_dispatcher, removes_malformed_members_and_counts_them) {
  for (const char* member : {"", "nothing", "|", "no-uuid|{fp:0}:0000abe2-0000-4000-8000-000000000001"})
    set.add(member);
  set.add(std::string(flow) + "|no-execution");
  add_group(execution(1));
  const auto report = host.scan();
  EXPECT_EQ(report.result.errors, 5u);
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(set.size(), 0u);
}

TEST_F(edge_cancel_dispatcher, removes_a_member_of_another_form_as_it_was_found) {
  const auto child = execution(1'000'001);
  const auto in_capitals = std::string(flow_in_capitals) + "|" + child;
  set.add(in_capitals);
  set.add(group(1));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 2u);
  EXPECT_EQ(set.size(), 0u);
  for (const auto& drain : calls_of("ff_drain_sibling_cancel_group")) EXPECT_EQ(drain.args[5], flow);
}

TEST_F(edge_cancel_dispatcher, walks_the_whole_set_in_one_scan) {
  for (int child = 1; child <= 1000; ++child) add_group(execution(child), child);
  host.on("FCALL ff_drain_sibling_cancel_group", array(1, "OK", "drained", ""));
  EXPECT_EQ(host.scan().result.processed, 1000u);
}

TEST_F(edge_cancel_dispatcher, asks_for_64_partitions_at_once_where_nothing_is_pending) {
  EXPECT_EQ(host.cycle().result.errors, 0u);
  EXPECT_EQ(host.calls().size(), 4u);
  ASSERT_EQ(host.calls("EXISTS").size(), 4u);
  EXPECT_EQ(host.calls("EXISTS")[1].args.size(), 65u);
  EXPECT_EQ(host.calls("EXISTS")[1].args[1], "ff:idx:{fp:64}:pending_cancel_groups");
  host.advance(scanhost::milliseconds(1000));
  host.cycle();
  EXPECT_EQ(host.calls().size(), 8u);
}

TEST_F(edge_cancel_dispatcher, sees_what_was_added_since_the_last_cycle) {
  host.cycle();
  add_group(execution(1));
  host.advance(scanhost::milliseconds(100));
  EXPECT_EQ(host.cycle().result.processed, 1u);
}

TEST_F(edge_cancel_dispatcher, asks_for_each_partition_where_a_command_may_have_keys_of_one_slot_only) {
  host.on("EXISTS", error("CROSSSLOT Keys in request don't hash to the same slot"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(host.cycle().result.errors, 0u);
    host.advance(scanhost::milliseconds(1000));
  }
  EXPECT_EQ(host.calls("SSCAN").size(), 512u);
  EXPECT_EQ(host.calls("EXISTS").size(), 4u);
}

TEST_F(edge_cancel_dispatcher, counts_an_outage_in_each_partition_without_asking_again_and_again) {
  host.on("EXISTS", [](const call&) { return transient(); });
  host.on("SSCAN", [](const call&) { return transient(); });
  EXPECT_EQ(host.cycle().result.errors, 256u);
  EXPECT_EQ(host.calls("EXISTS").size(), 4u);
}

TEST_F(edge_cancel_dispatcher, looks_again_soon_after_it_drained_a_group) {
  add_group(execution(1));
  EXPECT_EQ(host.scan().result.next_due_ms, scanhost::to_ms(host.now()) + 25);
  EXPECT_EQ(host.scan(0, SCANHOST_VISIT_EARLY).result.next_due_ms, 0);
}

TEST_F(edge_cancel_dispatcher, looks_between_cycles_as_often_as_it_is_told_to) {
  host.set_option("look_every", "40ms");
  EXPECT_EQ(host.scan().result.next_due_ms, scanhost::to_ms(host.now()) + 40);
  EXPECT_EQ(host.scan(0, SCANHOST_VISIT_EARLY).result.next_due_ms, scanhost::to_ms(host.now()) + 40);
}

TEST_F(edge_cancel_dispatcher, leaves_what_failed_to_the_next_cycle) {
  add_group(execution(1));
  host.on("FCALL ff_cancel_execution", [](const call&) { return transient(); });
  EXPECT_EQ(cycle().result.errors, 1u);
  add_group("", 2);
  const auto early = host.scan(0, SCANHOST_VISIT_EARLY);
  EXPECT_EQ(early.result.errors, 0u);
  EXPECT_EQ(early.result.processed, 1u);
  EXPECT_EQ(cancelled(), 1u);
  EXPECT_EQ(cycle().result.errors, 1u);
}

TEST_F(edge_cancel_dispatcher, cancels_nothing_in_a_dry_run) {
  add_group(execution(1));
  host.on("FCALL", [](const call&) { return held_back(); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(drained(), 0u);
}

class edge_cancel_dispatcher_without_drain : public edge_cancel_dispatcher {
 protected:
  edge_cancel_dispatcher_without_drain() : edge_cancel_dispatcher(without_drain()) {}
};

TEST_F(edge_cancel_dispatcher_without_drain, acts_on_one_page_of_groups_and_goes_on_in_the_next_cycle) {
  for (int child = 1; child <= 120; ++child) add_group(execution(child), child);
  EXPECT_EQ(cycle().result.processed, 50u);
  EXPECT_EQ(cycle().result.processed, 50u);
  EXPECT_EQ(cycle().result.processed, 20u);
}

TEST_F(edge_cancel_dispatcher_without_drain, reaches_every_group_behind_those_that_stay) {
  for (int child = 1; child <= 120; ++child) add_group(execution(child), child);
  host.on("FCALL ff_cancel_execution", [](const call& asked) {
    return asked.args[24] <= execution(100) ? answer(transient())
                                            : answer(array(1, "OK", "cancelled", "active"));
  });
  for (int i = 0; i < 4; ++i) cycle();
  EXPECT_EQ(drained(), 20u);
}

}  // namespace
}  // namespace ff::edge_cancel_dispatcher_tests
