// SPDX-License-Identifier: Apache-2.0
//
// The scores of entries that are put right.
#include "index_reconciler/placing.hpp"

#include <gtest/gtest.h>

namespace ff {
namespace {

using field = placing_core::field;

constexpr scanhost::timestamp today{scanhost::milliseconds(1'700'000'000'000)};

placing_core runnable(std::string eligibility) {
  placing_core core;
  core.values[field::phase] = "runnable";
  core.values[field::eligibility] = std::move(eligibility);
  return core;
}

placing_core in_phase(std::string phase, std::string ownership = "unowned") {
  placing_core core;
  core.values[field::phase] = std::move(phase);
  core.values[field::ownership] = std::move(ownership);
  return core;
}

std::string score(const placing_core& core, const placing_suspension& suspension = {}) {
  return score_of(core, suspension, today).score;
}

TEST(placing, ranks_eligible_ones_by_priority_and_then_by_age) {
  auto core = runnable("eligible_now");
  EXPECT_EQ(score(core), "0");
  core.values[field::created_at] = "1600000000123";
  EXPECT_EQ(score(core), "1600000000123");
  core.values[field::priority] = "5";
  EXPECT_EQ(score(core), "-3399999999877");
  core.values[field::priority] = "9000";
  EXPECT_EQ(score(core), "-8998399999999877");
}

TEST(placing, takes_the_end_of_a_delay_and_now_where_there_is_none) {
  auto core = runnable("not_eligible_until_time");
  EXPECT_EQ(score(core), "1700000000000");
  core.values[field::delay_until] = "";
  EXPECT_EQ(score(core), "1700000000000");
  core.values[field::delay_until] = "1600000000123";
  EXPECT_EQ(score(core), "1600000000123");
}

TEST(placing, takes_the_end_of_the_lease_of_an_active_one) {
  auto core = in_phase("active", "leased");
  EXPECT_EQ(score_of(core, {}, today).obstacle, "it has no lease_expires_at");
  core.values[field::lease_expires_at] = "1600000000123";
  EXPECT_EQ(score(core), "1600000000123");
}

TEST(placing, takes_the_age_of_a_child_that_waits_and_the_last_transition_of_what_is_blocked) {
  auto child = runnable("blocked_by_dependencies");
  EXPECT_EQ(score(child), "0");
  child.values[field::created_at] = "1600000000123";
  EXPECT_EQ(score(child), "1600000000123");
  for (const auto* eligibility :
       {"blocked_by_budget", "blocked_by_quota", "blocked_by_route", "blocked_by_operator"}) {
    auto blocked = runnable(eligibility);
    blocked.values[field::created_at] = "1600000000123";
    blocked.values[field::last_transition_at] = "1600000000456";
    EXPECT_EQ(score(blocked), "1600000000456") << eligibility;
  }
}

TEST(placing, takes_the_time_of_the_end_and_nothing_else) {
  auto core = in_phase("terminal");
  core.values[field::last_transition_at] = "1600000000123";
  EXPECT_FALSE(score_of(core, {}, today).obstacle.empty());
  core.values[field::completed_at] = "0";  // the trimmer would take the entry away again
  EXPECT_FALSE(score_of(core, {}, today).obstacle.empty());
  core.values[field::completed_at] = "1600000000456";
  EXPECT_EQ(score(core), "1600000000456");
}

TEST(placing, takes_the_timeout_of_an_open_suspension_alone) {
  const auto core = in_phase("suspended");
  EXPECT_EQ(score(core), "9999999999999");
  EXPECT_EQ(score(core, {{"s1", std::nullopt, "1600000000123"}}), "1600000000123");
  EXPECT_EQ(score(core, {{"s1", "", "1600000000123"}}), "1600000000123");
  EXPECT_EQ(score(core, {{"s1", "1600000000001", "1600000000123"}}), "9999999999999");
  EXPECT_EQ(score(core, {{"s1", std::nullopt, ""}}), "9999999999999");
  EXPECT_EQ(score(core, {{std::nullopt, std::nullopt, "1600000000123"}}), "9999999999999");
}

TEST(placing, says_which_field_makes_no_score) {
  auto core = runnable("eligible_now");
  core.values[field::priority] = "high";
  EXPECT_EQ(score_of(core, {}, today).obstacle, "its priority 'high' makes no score");
  EXPECT_EQ(score(core), "");
}

TEST(placing, expects_the_default_lane_only_where_none_is_named) {
  placing_core core;
  EXPECT_EQ(core.lane(), "default");
  core.values[field::lane_id] = "";
  EXPECT_EQ(core.lane(), "");
}

}  // namespace
}  // namespace ff
