// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/turns.hpp"

#include <gtest/gtest.h>

#include "unit/runner/start_time.hpp"

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;

turn_rules drained() { return {true, 50, {}}; }
turn_rules one_page() { return {false, 50, {}}; }

std::uint32_t ask(pass_turns& pass, std::uint32_t acted, const turn_rules& rules, bool spent = false) {
  pass.ask(acted);
  return pass.allowance(rules, spent);
}

TEST(turns, always_grant_the_first_page_of_a_pass) {
  pass_turns pass;
  EXPECT_EQ(ask(pass, 0, drained(), true), 50u);
}

TEST(turns, grant_the_first_page_with_no_pages_in_the_budget) {
  auto rules = drained();
  rules.budget.pages = 0;
  pass_turns pass;
  EXPECT_EQ(ask(pass, 0, rules), 50u);
}

TEST(turns, grant_full_pages_while_draining) {
  pass_turns pass;
  ask(pass, 0, drained());
  for (int page = 0; page < 100; ++page) EXPECT_EQ(ask(pass, 50, drained()), 50u);
}

TEST(turns, stop_draining_when_the_budget_is_spent) {
  pass_turns pass;
  ask(pass, 0, drained());
  EXPECT_EQ(ask(pass, 50, drained(), true), 0u);
}

TEST(turns, stop_after_one_page_of_acted_when_drain_is_off) {
  pass_turns pass;
  EXPECT_EQ(ask(pass, 0, one_page()), 50u);
  EXPECT_EQ(ask(pass, 50, one_page()), 0u);
}

TEST(turns, allow_only_what_is_left_of_one_page_when_drain_is_off) {
  pass_turns pass;
  ask(pass, 0, one_page());
  EXPECT_EQ(ask(pass, 20, one_page()), 30u);
  EXPECT_EQ(ask(pass, 29, one_page()), 1u);
  EXPECT_EQ(ask(pass, 1, one_page()), 0u);
}

TEST(turns, stop_when_more_than_a_page_was_acted_on_and_drain_is_off) {
  pass_turns pass;
  ask(pass, 0, one_page());
  EXPECT_EQ(ask(pass, 51, one_page()), 0u);
}

TEST(turns, are_not_limited_by_calls_and_time_when_drain_is_off) {
  pass_turns pass;
  ask(pass, 0, one_page());
  EXPECT_EQ(ask(pass, 10, one_page(), true), 40u);
}

TEST(turns, stop_after_20_pages_in_which_nothing_was_acted_on) {
  for (const auto& rules : {drained(), one_page()}) {
    pass_turns pass;
    int pages = 0;
    while (ask(pass, 0, rules) > 0) ++pages;
    EXPECT_EQ(pages, 20);
  }
}

TEST(turns, count_idle_pages_also_between_others) {
  auto rules = drained();
  rules.budget.pages = 2;
  pass_turns pass;
  ask(pass, 0, rules);
  EXPECT_GT(ask(pass, 0, rules), 0u);
  EXPECT_GT(ask(pass, 5, rules), 0u);
  EXPECT_EQ(ask(pass, 0, rules), 0u);
}

TEST(turns, give_the_same_answer_however_often_they_are_looked_at) {
  pass_turns pass;
  ask(pass, 0, one_page());
  pass.ask(20);
  EXPECT_EQ(pass.allowance(one_page(), false), 30u);
  EXPECT_EQ(pass.allowance(one_page(), false), 30u);
}

TEST(cycle_budget, is_spent_by_calls) {
  cycle_budget budget;
  budget.cycle_starts(t0);
  budget.add_calls(9);
  EXPECT_FALSE(budget.spent({10, 5s, 20}, t0, t0));
  budget.add_calls(1);
  EXPECT_TRUE(budget.spent({10, 5s, 20}, t0, t0));
}

TEST(cycle_budget, is_spent_by_time_since_the_cycle_started) {
  cycle_budget budget;
  budget.cycle_starts(t0);
  EXPECT_FALSE(budget.spent({10, 5s, 20}, t0 + 4s, t0 + 4999ms));
  EXPECT_TRUE(budget.spent({10, 5s, 20}, t0 + 4s, t0 + 5s));
}

TEST(cycle_budget, is_full_again_when_the_next_cycle_starts) {
  cycle_budget budget;
  budget.cycle_starts(t0);
  budget.add_calls(10);
  budget.cycle_ends(t0 + 5s);
  budget.cycle_starts(t0 + 6s);
  EXPECT_FALSE(budget.spent({10, 5s, 20}, t0 + 6s, t0 + 6s));
}

TEST(cycle_budget, does_not_run_out_between_cycles) {
  cycle_budget budget;
  budget.cycle_starts(t0);
  budget.cycle_ends(t0 + 1s);
  EXPECT_FALSE(budget.spent({10, 5s, 20}, t0 + 1h, t0 + 1h));
}

TEST(cycle_budget, gives_an_early_visit_what_its_cycle_left) {
  cycle_budget budget;
  budget.cycle_starts(t0);
  budget.cycle_ends(t0 + 3s);
  EXPECT_FALSE(budget.spent({10, 5s, 20}, t0 + 1min, t0 + 1min + 1s));
  EXPECT_TRUE(budget.spent({10, 5s, 20}, t0 + 1min, t0 + 1min + 2s));
}

TEST(cycle_budget, counts_the_calls_of_early_visits) {
  cycle_budget budget;
  budget.cycle_starts(t0);
  budget.add_calls(6);
  budget.cycle_ends(t0 + 1s);
  budget.add_calls(4);
  EXPECT_TRUE(budget.spent({10, 5s, 20}, t0 + 2s, t0 + 2s));
}

}  // namespace
}  // namespace scanhost::runner
