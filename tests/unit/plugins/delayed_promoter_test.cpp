// SPDX-License-Identifier: Apache-2.0
//
// delayed_promoter under the scripted host; with it what all scanners of index entries share: pages, turns,
// back-off, filter, counting, early visits.
#include "scanner_test.hpp"

namespace ff::delayed_promoter_tests {
namespace {

using namespace testing;

class delayed_promoter : public scanner_test {
 protected:
  explicit delayed_promoter(host_settings settings = {})
      : scanner_test("delayed_promoter", std::move(settings)) {
    host.on("FCALL ff_promote_delayed", [this](const call& asked) {
      index.remove(asked.args[6]);
      return array(1, "OK", "promoted");
    });
  }
  void add(int count, const std::string& prefix = "e", int ms_ago = 1000) {
    for (int i = 0; i < count; ++i) index.add(due(ms_ago), prefix + std::to_string(1000 + i));
  }
};
class without_drain_it : public delayed_promoter {
 protected:
  without_drain_it() : delayed_promoter(without_drain()) {}
};

TEST_F(delayed_promoter, calls_the_function_with_keys_and_arguments_of_the_lane_that_it_sweeps) {
  host.set_option("lanes", std::vector<std::string>{"gpu"});
  index.add(due(), "{fp:3}:e");
  const auto report = host.scan(3);
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 0u);
  ASSERT_EQ(host.calls("FCALL").size(), 1u);
  EXPECT_EQ(
      host.calls("FCALL")[0].text(),
      "FCALL ff_promote_delayed 3 ff:exec:{fp:3}:{fp:3}:e:core ff:idx:{fp:3}:lane:gpu:delayed ff:idx:{fp:3}:lane:gpu:eligible {fp:3}:e " +
          std::to_string(scanhost::to_ms(host.now())));
  EXPECT_TRUE(host.calls("FCALL")[0].acts());
  EXPECT_EQ(host.calls("FCALL")[0].due_ms, static_cast<std::int64_t>(due()));
}

TEST_F(delayed_promoter, asks_one_query_where_nothing_is_due) {
  host.scan();
  EXPECT_EQ(host.calls().size(), 1u);
}

TEST_F(delayed_promoter, drains_all_that_is_due) {
  add(260);
  EXPECT_EQ(host.scan().result.processed, 260u);
  EXPECT_EQ(index.size(), 0u);
}

TEST_F(delayed_promoter, sends_the_calls_of_a_page_together) {
  add(50);
  host.scan();
  EXPECT_EQ(host.calls("FCALL").front().batch, host.calls("FCALL").back().batch);
}

TEST_F(without_drain_it, acts_on_one_page_and_on_the_next_in_the_next_cycle) {
  add(120);
  EXPECT_EQ(host.scan().result.processed, 50u);
  host.begin_cycle();
  EXPECT_EQ(host.scan().result.processed, 50u);
  host.begin_cycle();
  EXPECT_EQ(host.scan().result.processed, 20u);
}

TEST_F(without_drain_it, reaches_those_behind_entries_that_stay) {
  add(130, "a", 5000);
  add(3, "b");
  host.on("FCALL ff_promote_delayed", [this](const call& asked) {
    if (asked.args[6][0] == 'a') return array(1, "OK", "not_yet_due");
    index.remove(asked.args[6]);
    return array(1, "OK", "promoted");
  });
  std::uint64_t changed = 0;
  for (int cycle = 0; cycle < 4; ++cycle) {
    const auto report = host.scan();
    changed += report.result.processed - report.result.unchanged;
    host.begin_cycle();
  }
  EXPECT_EQ(changed, 3u);
}

TEST_F(without_drain_it, passes_over_a_page_in_back_off) {
  add(60, "a", 5000);
  add(3, "b");
  host.create();
  for (int i = 0; i < 60; ++i) host.failures().back_off(host.tag_of(0), "a" + std::to_string(1000 + i));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.skipped, 60u);
  EXPECT_EQ(report.result.errors, 0u);
}

TEST_F(without_drain_it, passes_over_pages_that_the_filter_rejects) {
  host.set_option("namespace", "acme");
  add(60, "a", 5000);
  add(3, "b");
  host.on("HGET", [](const call& asked) {
    return asked.args[1].find(":b") != std::string::npos ? value("acme") : value("other");
  });
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 3u);
  EXPECT_EQ(report.result.skipped, 60u);
}

TEST_F(delayed_promoter, rejects_what_the_filter_cannot_read) {
  host.set_option("namespace", "acme");
  add(1);
  host.on("HGET", error("WRONGTYPE Operation against a key"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_TRUE(host.failures().seen().empty());
}

TEST_F(delayed_promoter, counts_a_refusal_as_an_error_of_the_item) {
  add(1);
  host.on("FCALL", array(0, "invalid_input", "now_ms must be a number"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 0u);
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(host.failures().count(host.tag_of(0), "e1000"), 1u);
  EXPECT_EQ(report.result.oldest_due_ms, static_cast<std::int64_t>(due()));
}

TEST_F(delayed_promoter, counts_failed_calls_and_unexpected_replies_as_errors) {
  add(1);
  for (const answer& reply : {answer(error("ERR user_script:1: attempt to compare nil")), transient(),
                              answer(value("OK")), answer(array(3, "OK"))}) {
    host.on("FCALL", [reply](const call&) { return reply; });
    EXPECT_EQ(host.scan().result.errors, 1u);
    host.failures().success(host.tag_of(0), "e1000");
  }
}

TEST_F(delayed_promoter, ends_quietly_when_the_scan_is_cancelled) {
  add(3);
  host.on("FCALL", [](const call&) { return cancelled(); });
  const auto report = host.scan();
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(report.result.processed + report.result.errors + report.result.skipped, 0u);
  EXPECT_TRUE(host.failures().seen().empty());
}

TEST_F(delayed_promoter, counts_what_a_dry_run_holds_back_as_skipped) {
  add(3);
  host.on("FCALL", [](const call&) { return held_back(); });
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 3u);
  EXPECT_EQ(report.result.processed + report.result.errors, 0u);
}

TEST_F(delayed_promoter, goes_on_with_the_next_lane_when_a_query_fails) {
  host.set_option("lanes", std::vector<std::string>{"a", "b"});
  add(2);
  host.on("ZRANGEBYSCORE ff:idx:{fp:0}:lane:a:delayed", error("WRONGTYPE Operation against a key"));
  const auto report = host.scan();
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.processed, 2u);
}

TEST_F(delayed_promoter, tells_when_the_next_one_comes_due) {
  index.add(due(-300), "soon");
  const auto report = host.scan();
  EXPECT_EQ(report.result.next_due_ms, static_cast<std::int64_t>(due(-300)));
  EXPECT_EQ(host.calls("FCALL").size(), 0u);
  host.advance(scanhost::milliseconds(300));
  EXPECT_EQ(host.scan(0, SCANHOST_VISIT_EARLY).result.processed, 1u);
}

TEST_F(delayed_promoter, does_not_try_again_in_an_early_visit_what_failed_in_the_cycle) {
  add(1, "bad");
  index.add(due(-300), "soon");
  host.on("FCALL", error("ERR it aborts"));
  EXPECT_EQ(host.scan().result.errors, 1u);
  host.advance(scanhost::milliseconds(300));
  host.scan(0, SCANHOST_VISIT_EARLY);
  EXPECT_EQ(host.failures().count(host.tag_of(0), "bad1000"), 1u);
  EXPECT_EQ(host.failures().count(host.tag_of(0), "soon"), 1u);
}

TEST_F(delayed_promoter, never_acts_twice_on_one_member_in_a_pass) {
  add(50);
  host.on("FCALL", [this](const call& asked) {
    const auto& id = asked.args[6];
    index.remove(id);
    index.add(due(1), id);  // it comes back at once
    return array(1, "OK", "promoted");
  });
  EXPECT_EQ(host.scan().result.processed, 50u);
  EXPECT_EQ(host.calls("FCALL").size(), 50u);
}

TEST_F(delayed_promoter, keeps_its_place_when_it_is_granted_no_further_page) {
  add(120);
  host.on("FCALL", array(1, "OK", "not_yet_due"));
  host.grant([](const turn_request& asked) { return asked.page == 0 ? 50u : 0u; });
  std::vector<std::string> called;
  for (int cycle = 0; cycle < 3; ++cycle) {
    host.scan();
    host.begin_cycle();
  }
  for (const auto& call : host.calls("FCALL")) called.push_back(call.args[6]);
  EXPECT_EQ(called[49], "e1049");
  EXPECT_EQ(called[50], "e1050");
  EXPECT_EQ(called[119], "e1119");
}

TEST_F(delayed_promoter, takes_ids_of_any_bytes) {
  const std::string id("\0\xff\n{}:", 6);
  index.add(due(), id);
  index.add(due(), "");
  EXPECT_EQ(host.scan().result.processed, 2u);
  EXPECT_EQ(host.calls("FCALL")[1].args[6], id);
}

TEST_F(delayed_promoter, refuses_an_instance_tag_without_a_value) {
  host.set_option("instance_tag", "acme.instance");
  EXPECT_FALSE(host.create());
  EXPECT_NE(host.create_error().find("name=value"), std::string::npos);
}

}  // namespace
}  // namespace ff::delayed_promoter_tests
