// SPDX-License-Identifier: Apache-2.0
//
// The sweeps against the fake host, with a sorted set or a set in memory behind it.
#include "scanhost/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "scanhost/testing/fake_host.hpp"
#include "scanhost/testing/plugin_of.hpp"
#include "unit/plugins/fake_index.hpp"

namespace {

using namespace scanhost;
using namespace scanhost::testing;
using ff::testing::fake_index;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t now_ms = 1'700'000'000'000;

command take_out(const candidate& item) { return command("EVAL", "take", 1, "due", item.id, item.score); }

// What the tests sweep with, and how.
struct plan {
  score_unit unit = score_unit::unix_ms;
  milliseconds lag{0};
  std::function<task<result>(sorted_set_sweep&, scan_context&)> scan;
};

class sorted_sweeper : public scanner {
 public:
  static inline plan with = {};

  static description describe() {
    return {.name = "sorted_sweeper",
            .version = "1.0.0",
            .summary = "sweeps as the test says",
            .families = {{.name = "shard", .tag_pattern = "{shard:*}", .default_count = 4}},
            .default_page_size = 10};
  }
  explicit sorted_sweeper(services host) : sweep_(host, with.unit, with.lag) {}
  task<result> scan(scan_context& scan) override { return with.scan(sweep_, scan); }

 private:
  sorted_set_sweep sweep_;
};

class sorted_sweep : public ::testing::Test {
 protected:
  sorted_sweep() {
    sorted_sweeper::with = {};
    calls_for_each([](const candidate& item) { return take_out(item); });
  }
  void TearDown() override { EXPECT_THAT(host().violations(), IsEmpty()); }

  // Set before the first use of the host.
  template <class Decide, class... Judge>
  static void calls_for_each(Decide decide, Judge... judge) {
    sorted_sweeper::with.scan = [=](sorted_set_sweep& sweep, scan_context& scan) {
      return sweep.run(scan, "due", decide, judge...);
    };
  }

  fake_host& host() {
    if (host_) return *host_;
    host_.emplace(plugin_of<sorted_sweeper>());
    host_->on("ZRANGEBYSCORE", [this](const call& asked) { return answer(index.answer(asked.args)); });
    host_->on("ZCARD", [this](const call&) { return value(index.size()); });
    host_->on("EVAL", [this](const call& asked) { return evaluate(asked); });
    return *host_;
  }
  answer evaluate(const call& asked) {
    if (asked.item.starts_with("bad")) return error("ERR bad");
    if (!asked.item.starts_with("stays")) index.remove(asked.item);
    return 1;
  }
  void add(int count, const std::string& name, double first_score, double step = 1) {
    for (int i = 0; i < count; ++i) index.add(first_score + i * step, name + std::to_string(100 + i));
  }
  std::vector<std::string> called() {
    std::vector<std::string> items;
    for (const auto& each : host().calls("EVAL")) items.push_back(each.item);
    return items;
  }

  fake_index index;

 private:
  std::optional<fake_host> host_;
};

TEST_F(sorted_sweep, acts_on_all_that_is_due_page_by_page_and_says_what_comes_next) {
  add(25, "due", now_ms - 100);
  index.add(now_ms + 700, "later");
  const auto report = host().scan();
  EXPECT_EQ(report.result.processed, 25u);
  EXPECT_EQ(report.result.unchanged, 0u);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(report.result.next_due_ms, now_ms + 700);
  EXPECT_EQ(report.result.oldest_due_ms, 0);
  EXPECT_EQ(index.size(), 1u);
  EXPECT_TRUE(host().calls("EVAL")[3].acts());
  EXPECT_EQ(host().calls("EVAL")[3].due_ms, now_ms - 97);
  EXPECT_EQ(host().turns()[1].acted, 10u);
}

TEST_F(sorted_sweep, pages_past_what_stays_for_whatever_reason) {
  add(25, "bad", now_ms - 300, 0);  // all of one score
  add(25, "left", now_ms - 200);
  add(25, "due", now_ms - 100);
  calls_for_each([](const candidate& item) -> std::optional<command> {
    if (item.id.starts_with("left")) return std::nullopt;
    return take_out(item);
  });
  const auto report = host().scan();
  EXPECT_EQ(report.result.processed, 25u);
  EXPECT_EQ(report.result.errors, 25u);
  EXPECT_EQ(report.result.oldest_due_ms, now_ms - 300);
}

TEST_F(sorted_sweep, counts_failures_against_the_item_and_skips_it_in_back_off) {
  index.add(now_ms - 5, "bad");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(host().cycle().result.errors, 4u);
  EXPECT_EQ(host().failures().count("{shard:0}", "bad"), 3u);
  const auto report = host().cycle();
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_EQ(report.result.skipped, 4u);
}

TEST_F(sorted_sweep, reads_seconds_with_fractions) {
  sorted_sweeper::with.unit = score_unit::unix_seconds;
  index.add(1'699'999'999.25, "due");
  index.add(1'700'000'000, "now");
  index.add(1'700'000'000.5, "soon");
  const auto report = host().scan();
  EXPECT_THAT(called(), ElementsAre("due", "now"));
  EXPECT_EQ(host().calls("EVAL")[0].due_ms, 1'699'999'999'250);
  EXPECT_EQ(report.result.next_due_ms, 1'700'000'000'500);
  EXPECT_EQ(host().calls()[0].args[3], "1700000002");  // twice the interval ahead
}

TEST_F(sorted_sweep, waits_for_the_lag) {
  sorted_sweeper::with.lag = milliseconds(1000);
  index.add(now_ms - 1000, "due");
  index.add(now_ms - 400, "soon");
  const auto report = host().scan();
  EXPECT_THAT(called(), ElementsAre("due"));
  EXPECT_EQ(host().calls("EVAL")[0].due_ms, now_ms);
  EXPECT_EQ(report.result.next_due_ms, now_ms + 600);
}

TEST_F(sorted_sweep, takes_every_entry_where_scores_are_no_moments) {
  sorted_sweeper::with.unit = score_unit::none;
  index.add(-5, "first");
  index.add(1e300, "last");
  const auto report = host().scan();
  EXPECT_THAT(called(), ElementsAre("first", "last"));
  EXPECT_EQ(report.result.next_due_ms, 0);
  EXPECT_EQ(host().calls("EVAL")[0].due_ms, 0);
}

TEST_F(sorted_sweep, acts_on_no_more_than_the_allowance_of_a_turn) {
  add(25, "due", now_ms - 100);
  host().grant([](const turn_request&) { return 3u; });
  EXPECT_EQ(host().scan().result.processed, 25u);
  for (std::size_t i = 1; i < host().turns().size(); ++i) EXPECT_LE(host().turns()[i].acted, 3u);
}

TEST_F(sorted_sweep, calls_no_second_time_for_what_is_still_there_after_its_call) {
  add(3, "stays", now_ms - 100, 0);
  add(15, "due", now_ms - 50);
  EXPECT_EQ(host().scan().result.processed, 18u);
  EXPECT_THAT(called(), SizeIs(18));
}

TEST_F(sorted_sweep, goes_on_behind_a_head_that_does_not_move) {
  add(25, "stays", now_ms - 100);
  index.add(now_ms - 10, "due");
  host().grant([](const turn_request& asked) { return asked.page == 0 ? 10u : 0u; });
  for (int i = 0; i < 4; ++i) host().scan();
  EXPECT_THAT(called(), ::testing::Contains("due"));
}

TEST_F(sorted_sweep, visits_early_only_what_has_come_due_since) {
  index.add(now_ms - 5, "stays");
  index.add(now_ms + 100, "soon");
  host().scan();
  host().advance(milliseconds(100));
  const auto early = host().scan(0, SCANHOST_VISIT_EARLY);
  EXPECT_EQ(early.result.processed, 1u);
  EXPECT_THAT(called(), ElementsAre("stays", "soon"));
}

TEST_F(sorted_sweep, visits_early_nothing_before_the_index_was_seen_to_its_end) {
  index.add(now_ms - 5, "due");
  host().scan(0, SCANHOST_VISIT_EARLY);
  EXPECT_THAT(host().calls(), IsEmpty());
}

TEST_F(sorted_sweep, counts_each_decision_as_it_says) {
  for (const auto* name : {"a_fail", "b_leave", "c_skip", "d_unchanged"}) index.add(now_ms - 5, name);
  calls_for_each([](const candidate& item) {
    if (item.id == "a_fail") return decision::fail("malformed");
    if (item.id == "b_leave") return decision::leave();
    return item.id == "c_skip" ? decision::skip() : decision::unchanged();
  });
  const auto report = host().scan();
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.processed, 1u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host().failures().count("{shard:0}", "a_fail"), 1u);
  EXPECT_THAT(called(), IsEmpty());
}

TEST_F(sorted_sweep, decides_about_a_page_with_one_batch_of_reads) {
  add(12, "due", now_ms - 50);
  sorted_sweeper::with.scan = [](sorted_set_sweep& sweep, scan_context& scan) {
    return sweep.run(scan, "due", [&scan](std::span<const candidate> page) -> task<std::vector<decision>> {
      batch reads;
      for (const auto& item : page) reads.add("GET", item.id);
      const auto answers = co_await scan.execute(std::move(reads));
      std::vector<decision> decisions;
      for (std::size_t i = 0; i < page.size(); ++i)
        decisions.push_back(answers[i].reply().text() == "yes" ? decision(take_out(page[i]))
                                                               : decision::skip());
      co_return decisions;
    });
  };
  host().on("GET", "yes");
  host().on("GET due103", "no");
  const auto report = host().scan();
  EXPECT_EQ(report.result.processed, 11u);
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(host().batches(), 6u);  // of two pages, each a query, reads and calls
}

TEST_F(sorted_sweep, asks_for_no_more_decisions_about_a_page_than_it_may_act_on) {
  add(10, "due", now_ms - 50);
  std::vector<std::string> decided;
  calls_for_each([&decided](std::span<const candidate> page) -> task<std::vector<decision>> {
    std::vector<decision> decisions;
    for (const auto& item : page) {
      decided.push_back(item.id);
      decisions.push_back(item.id == "due101" ? decision::skip() : decision(take_out(item)));
    }
    co_return decisions;
  });
  host().grant([](const turn_request& asked) { return asked.page == 0 ? 4u : 0u; });
  const auto report = host().scan();
  EXPECT_EQ(report.result.processed, 4u);
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_THAT(decided, ElementsAre("due100", "due101", "due102", "due103", "due104"));
}

TEST_F(sorted_sweep, fails_the_scan_when_a_page_is_not_decided_as_a_whole) {
  add(3, "due", now_ms - 50);
  calls_for_each([](std::span<const candidate>) -> task<std::vector<decision>> {
    co_return std::vector<decision>(2, decision::skip());
  });
  EXPECT_EQ(host().scan().failure, "a page of 3 candidates was answered with 2 decisions");
}

TEST_F(sorted_sweep, lets_the_scanner_judge_what_a_reply_means) {
  add(3, "due", now_ms - 50);
  calls_for_each([](const candidate& item) { return take_out(item); },
                 [](const candidate& item, reply answer) -> verdict {
                   if (item.id == "due100")
                     return verdict::failed("refused with " + std::to_string(answer.integer()));
                   return item.id == "due101";
                 });
  const auto report = host().scan();
  EXPECT_EQ(report.result.errors, 1u);
  EXPECT_EQ(report.result.processed, 2u);
  EXPECT_EQ(report.result.unchanged, 1u);
  EXPECT_EQ(host().failures().count("{shard:0}", "due100"), 1u);
}

TEST_F(sorted_sweep, takes_zero_and_nil_for_no_change) {
  add(3, "due", now_ms - 50);
  host().script(array("due100", "1", "due101", "2", "due102", "3"), 0, nil(), "OK");
  EXPECT_EQ(host().scan().result.unchanged, 2u);
}

TEST_F(sorted_sweep, counts_what_is_held_back_as_skipped) {
  add(2, "due", now_ms - 50);
  host().on("EVAL", held_back());
  const auto report = host().scan();
  EXPECT_EQ(report.result.skipped, 2u);
  EXPECT_EQ(report.result.errors, 0u);
}

TEST_F(sorted_sweep, samples_the_backlog_once_in_a_cycle_and_not_in_early_visits) {
  add(15, "due", now_ms - 50);
  sorted_sweeper::with.scan = [](sorted_set_sweep& sweep, scan_context& scan) {
    return sweep.run(scan, sorted_set("due").sample_backlog(), take_out);
  };
  const auto report = host().scan();
  EXPECT_EQ(report.result.flags, std::uint32_t{SCANHOST_RESULT_BACKLOG});
  EXPECT_EQ(report.result.backlog, 15u);
  EXPECT_EQ(host().scan(0, SCANHOST_VISIT_EARLY).result.flags, 0u);
  EXPECT_THAT(host().calls("ZCARD"), SizeIs(1));
}

TEST_F(sorted_sweep, counts_a_read_that_fails_and_says_why_where_the_server_did) {
  host().script(error("WRONGTYPE not a sorted set"), transient(), "OK");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(host().scan().result.errors, 1u);
  ASSERT_THAT(host().log(), SizeIs(2));
  EXPECT_THAT(host().log()[0].text, HasSubstr("reading due: WRONGTYPE"));
  EXPECT_THAT(host().log()[1].text, HasSubstr("unexpected shape"));
}

TEST_F(sorted_sweep, ends_without_an_error_when_it_is_cancelled) {
  add(25, "due", now_ms - 50);
  host().on("EVAL", [&](const call&) {
    host().cancel(0);
    return 1;
  });
  const auto report = host().scan();
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(report.result.errors, 0u);
  EXPECT_THAT(host().calls("ZRANGEBYSCORE"), SizeIs(1));
}

TEST_F(sorted_sweep, sweeps_several_indexes_as_passes_of_one_scan) {
  add(3, "due", now_ms - 50);
  sorted_sweeper::with.scan = [](sorted_set_sweep& sweep, scan_context& scan) -> task<result> {
    result total;
    for (std::uint32_t i = 0; i < 2; ++i) {
      sorted_set index("due:" + std::to_string(i));
      total += co_await sweep.run(scan, index.pass(i).route("{elsewhere}"), take_out);
    }
    co_return total;
  };
  EXPECT_EQ(host().scan().result.processed, 3u);
  EXPECT_EQ(host().turns().back().pass, 1u);
  EXPECT_EQ(host().calls()[0].args[1], "due:0");
  EXPECT_EQ(host().calls()[0].route, "{elsewhere}");
}

TEST_F(sorted_sweep, forgets_the_place_in_a_partition_that_is_scanned_no_more) {
  add(25, "stays", now_ms - 100);
  host().grant([](const turn_request& asked) { return asked.page == 0 ? 10u : 0u; });
  host().begin_cycle();
  host().scan(0);
  for (int i = 0; i < 5; ++i) {
    host().begin_cycle();
    host().scan(1);
  }
  host().scan(0);
  EXPECT_EQ(host().calls("ZRANGEBYSCORE").back().args[2], "-inf");
}

// --- along a cursor ----------------------------------------------------------------------------

class cursor_sweeper : public scanner {
 public:
  static inline std::function<task<result>(cursor_sweep&, scan_context&)> script = {};

  static description describe() {
    auto like = sorted_sweeper::describe();
    like.name = "cursor_sweeper";
    return like;
  }
  explicit cursor_sweeper(services host) : sweep_(host) {}
  task<result> scan(scan_context& scan) override { return script(sweep_, scan); }

 private:
  cursor_sweep sweep_;
};

class along_a_cursor : public ::testing::Test {
 protected:
  along_a_cursor() {
    sweeps(cursor_over::set("jobs"));
    host.on("EVAL", 1);
  }
  void TearDown() override { EXPECT_THAT(host.violations(), IsEmpty()); }

  static void sweeps(const cursor_over& source) {
    cursor_sweeper::script = [=](cursor_sweep& sweep, scan_context& scan) {
      return sweep.run(scan, source,
                       [](const element& item) { return command("EVAL", "take", 0, item.id, item.value); });
    };
  }
  static value members(int first, int count) {
    std::vector<value> names;
    for (int i = 0; i < count; ++i) names.emplace_back("m" + std::to_string(first + i));
    return array(std::move(names));
  }
  std::set<std::string> called() const {
    std::set<std::string> items;
    for (const auto& each : host.calls("EVAL")) EXPECT_TRUE(items.insert(each.item).second) << each.item;
    return items;
  }

  fake_host host{plugin_of<cursor_sweeper>()};
};

TEST_F(along_a_cursor, acts_on_every_element_once) {
  host.on("SSCAN jobs 0 COUNT 10", array("7", members(0, 10)));
  host.on("SSCAN jobs 7 COUNT 10", array("0", members(5, 9)));  // five of them a second time
  const auto report = host.scan();
  EXPECT_EQ(report.result.processed, 14u);
  EXPECT_THAT(called(), SizeIs(14));
  EXPECT_TRUE(host.calls("EVAL")[0].acts());
}

TEST_F(along_a_cursor, carries_what_exceeds_the_allowance_to_the_next_turn) {
  host.on("SSCAN", array("0", members(0, 35)));
  host.grant([](const turn_request& asked) { return asked.page < 50 ? 4u : 0u; });
  EXPECT_EQ(host.scan().result.processed, 35u);
  EXPECT_THAT(host.calls("SSCAN"), SizeIs(1));
  EXPECT_THAT(called(), SizeIs(35));
  for (std::size_t i = 1; i < host.turns().size(); ++i) EXPECT_EQ(host.turns()[i].acted, 4u);
}

TEST_F(along_a_cursor, goes_on_in_the_next_cycle_where_it_had_to_stop) {
  host.on("SSCAN jobs 0", array("7", members(0, 15)));
  host.on("SSCAN jobs 7", array("0", members(15, 5)));
  host.grant([](const turn_request& asked) { return asked.page == 0 ? 10u : 0u; });
  for (int i = 0; i < 3; ++i) host.scan();
  EXPECT_THAT(called(), SizeIs(20));
  EXPECT_THAT(host.calls("SSCAN"), SizeIs(2));
  host.scan();
  EXPECT_EQ(host.calls("SSCAN").back().args[2], "0");
}

TEST_F(along_a_cursor, reads_a_page_again_that_could_not_be_read) {
  host.on("SSCAN jobs 0", array("7", members(0, 1)));
  host.on("SSCAN jobs 7", transient());
  EXPECT_EQ(host.scan().result.errors, 1u);
  host.on("SSCAN jobs 7", array("0", members(1, 1)));
  EXPECT_EQ(host.scan().result.processed, 1u);
  EXPECT_EQ(host.calls("SSCAN").back().args[2], "7");
}

TEST_F(along_a_cursor, skips_what_is_in_back_off_and_counts_what_fails) {
  host.on("SSCAN", array("0", members(0, 2)));
  host.on("EVAL take 0 m0", error("ERR no"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(host.scan().result.errors, 1u);
  const auto report = host.scan();
  EXPECT_EQ(report.result.skipped, 1u);
  EXPECT_EQ(report.result.processed, 1u);
}

TEST_F(along_a_cursor, offers_the_values_of_a_hash_and_the_scores_of_a_sorted_set) {
  sweeps(cursor_over::hash("fields").match("a*"));
  host.on("HSCAN fields 0 MATCH a* COUNT 10", array("0", array("a", "1", "ab", "2")));
  host.scan();
  EXPECT_EQ(host.calls("EVAL")[1].text(), "EVAL take 0 ab 2");
  sweeps(cursor_over::sorted_set("scores").pass(1).route("{there}"));
  host.on("ZSCAN scores 0 COUNT 10", array("0", array("m", "1.5")));
  host.scan();
  EXPECT_EQ(host.calls("EVAL").back().text(), "EVAL take 0 m 1.5");
  EXPECT_EQ(host.calls("ZSCAN")[0].route, "{there}");
  EXPECT_EQ(host.turns().back().pass, 1u);
}

TEST_F(along_a_cursor, looks_at_the_keys_of_a_node_and_counts_its_walks) {
  std::uint64_t walks = 0;
  cursor_sweeper::script = [&](cursor_sweep& sweep, scan_context& scan) -> task<result> {
    const auto found = co_await sweep.run(scan, cursor_over::keys().type("hash"),
                                          [](const element&) { return decision::unchanged(); });
    walks = sweep.walks(scan);
    co_return found;
  };
  host.on("SCAN 0 COUNT 10 TYPE hash", array("9", array("a", "b")));
  host.on("SCAN 9 COUNT 10 TYPE hash", array("0", array("c")));
  EXPECT_EQ(host.scan().result.unchanged, 3u);
  EXPECT_EQ(walks, 1u);
}

TEST_F(along_a_cursor, refuses_a_reply_of_an_unexpected_shape) {
  for (auto& odd : {value("x"), array("0"), array("0", "x")}) {
    host.on("SSCAN", odd);
    EXPECT_EQ(host.scan().result.errors, 1u);
  }
}

}  // namespace
