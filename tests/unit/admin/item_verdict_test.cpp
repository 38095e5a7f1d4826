// SPDX-License-Identifier: Apache-2.0
//
// What a scanner will do about an item.
#include "admin/item_verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr base::timestamp looked_at{1'000s};

scanner_explanation with_findings(std::vector<standing> places) {
  scanner_explanation explained;
  explained.status.name = "sweeper";
  explained.status.state = runner::scanner_state::waiting;
  explained.status.next_cycle = looked_at + 2s;
  for (const auto where : places) {
    explained.answer.findings.emplace_back();
    explained.answer.findings.back().where = where;
  }
  return explained;
}

TEST(item_verdict, is_what_the_strongest_finding_says) {
  EXPECT_EQ(judge_item(with_findings({standing::not_here, standing::due, standing::held}), looked_at).where,
            standing::due);
  EXPECT_EQ(judge_item(with_findings({standing::not_here, standing::held}), looked_at).where, standing::held);
  EXPECT_EQ(judge_item(with_findings({}), looked_at).where, standing::unknown);
}

TEST(item_verdict, lets_the_next_cycle_act_on_what_is_due) {
  const auto verdict = judge_item(with_findings({standing::due}), looked_at);
  EXPECT_TRUE(verdict.acts);
  EXPECT_EQ(verdict.at, looked_at + 2s);
  EXPECT_THAT(verdict.obstacles, IsEmpty());
  auto cycling = with_findings({standing::due});
  cycling.status.state = runner::scanner_state::cycling;
  EXPECT_EQ(judge_item(cycling, looked_at).at, looked_at);
  auto overrun = with_findings({standing::due});
  overrun.status.next_cycle = looked_at - 5s;
  EXPECT_EQ(judge_item(overrun, looked_at).at, looked_at);
}

TEST(item_verdict, waits_for_the_earliest_moment_of_what_comes_due) {
  auto explained = with_findings({standing::waiting, standing::waiting, standing::not_here});
  explained.answer.findings[0].due = looked_at + 9s;
  explained.answer.findings[1].due = looked_at + 7s;
  explained.answer.findings[2].due = looked_at + 1s;
  EXPECT_EQ(judge_item(explained, looked_at).at, looked_at + 7s);
  EXPECT_EQ(judge_item(with_findings({standing::waiting}), looked_at).at, std::nullopt);
}

TEST(item_verdict, names_what_keeps_the_scanner_from_acting) {
  const auto obstacles = [](auto change) {
    auto explained = with_findings({standing::due});
    change(explained);
    const auto verdict = judge_item(explained, looked_at);
    EXPECT_FALSE(verdict.acts);
    EXPECT_EQ(verdict.at, std::nullopt);
    return verdict.obstacles;
  };
  EXPECT_THAT(obstacles([](auto& of) {
                of.status.paused = true;
                of.status.pause.by = "root";
              }),
              ElementsAre(HasSubstr("paused by root")));
  EXPECT_THAT(obstacles([](auto& of) {
                of.status.blocked = true;
                of.status.last_error = "its build crashed";
              }),
              ElementsAre("the scanner does not run: its build crashed"));
  EXPECT_THAT(obstacles([](auto& of) { of.status.state = runner::scanner_state::stuck; }),
              ElementsAre("the scanner's state is stuck"));
  EXPECT_THAT(obstacles([](auto& of) {
                of.status.state = runner::scanner_state::functions_missing;
                of.status.waits_for = runner::function_wait{{}, "the function f"};
              }),
              ElementsAre("the scanner waits for the function f"));
  EXPECT_THAT(obstacles([](auto& of) { of.status.dry_run = true; }), ElementsAre(HasSubstr("runs dry")));
  EXPECT_THAT(obstacles([](auto& of) { of.status.failing = "NOPERM"; }), ElementsAre(HasSubstr("NOPERM")));
}

TEST(item_verdict, says_until_when_an_item_is_in_back_off) {
  auto explained = with_findings({standing::due});
  runner::failing_item failing;
  failing.times = 3;
  failing.message = "WRONGTYPE";
  explained.failures.items = {failing};
  EXPECT_TRUE(judge_item(explained, looked_at).acts) << "it has failed, and is tried again";
  explained.failures.items[0].cycles_left = 4;
  explained.failures.items[0].next_try = looked_at + 40s;
  EXPECT_THAT(
      judge_item(explained, looked_at).obstacles,
      ElementsAre(
          "it is in back-off until 1970-01-01T00:17:20Z after 3 failures, the last of them: WRONGTYPE"));
  EXPECT_FALSE(judge_item(explained, looked_at).acts);
}

}  // namespace
}  // namespace scanhost::admin
