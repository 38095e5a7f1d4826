// SPDX-License-Identifier: Apache-2.0
//
// When a new generation is rolled back.
#include "reload/probation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::reload {
namespace {

using runner::scanner_status;
using testing::HasSubstr;

constexpr probation_limits three_cycles{3, 20};

scanner_status status(std::uint64_t cycles, std::uint64_t processed, std::uint64_t errors) {
  scanner_status result;
  result.state = runner::scanner_state::waiting;
  result.generation = 2;
  result.cycles = cycles;
  result.totals = {processed, 0, errors, 0};
  result.restarts = 1;
  result.stuck_generations = 1;
  result.store.state = store::connection_state::up;
  return result;
}

// At the replacement 100 cycles were completed, 1000 items processed and 50 errors counted.
// The generation before had this share of errors.
scanner_status status_before(double share) {
  const auto errors = static_cast<std::uint64_t>(1000 * share);
  return status(100, 1000 - errors, errors);
}

probation make_probation(double share_before = 0.05, probation_limits limits = three_cycles) {
  return {limits, status_before(share_before), status(100, 1000, 50)};
}

probation_result result_of(probation trial, const scanner_status& now) { return trial.judge(now).result; }

TEST(probation, passes_after_so_many_good_cycles) {
  auto trial = make_probation();
  EXPECT_EQ(trial.judge(status(100, 1000, 50)).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(status(102, 1200, 55)).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(status(103, 1300, 60)).result, probation_result::passed);
}

TEST(probation, passes_an_idle_scanner) {
  EXPECT_EQ(result_of(make_probation(), status(103, 1000, 50)), probation_result::passed);
}

TEST(probation, passes_at_once_when_it_is_switched_off) {
  EXPECT_EQ(result_of(make_probation(0.0, {0, 20}), status(100, 1000, 50)), probation_result::passed);
}

TEST(probation, fails_at_a_restart_and_says_why) {
  auto now = status(100, 1000, 50);
  now.restarts = 2;
  now.last_error = "scan: it threw: no";
  const auto judged = make_probation().judge(now);
  EXPECT_EQ(judged.result, probation_result::failed);
  EXPECT_EQ(judged.reason, "it had to be restarted: scan: it threw: no");
}

TEST(probation, fails_when_the_generation_is_stuck) {
  auto now = status(100, 1000, 50);
  now.state = runner::scanner_state::stuck;
  EXPECT_EQ(result_of(make_probation(), now), probation_result::failed);
}

TEST(probation, fails_when_a_stuck_generation_was_abandoned_already) {
  auto now = status(100, 1000, 50);
  now.state = runner::scanner_state::starting;
  now.generation = 3;
  EXPECT_EQ(result_of(make_probation(), now), probation_result::failed);
}

TEST(probation, does_not_mind_that_the_generation_before_is_still_there) {
  auto now = status(103, 1000, 50);
  now.stuck_generations = 2;
  EXPECT_EQ(result_of(make_probation(), now), probation_result::passed);
}

TEST(probation, fails_after_one_cycle_with_a_larger_share_of_errors) {
  const auto judged = make_probation().judge(status(101, 1000, 60));
  EXPECT_EQ(judged.result, probation_result::failed);
  EXPECT_THAT(judged.reason, HasSubstr("10 errors and 0 processed: 100 % errors, 5 % before"));
}

TEST(probation, judges_no_errors_before_a_cycle_is_complete) {
  EXPECT_EQ(result_of(make_probation(), status(100, 1000, 60)), probation_result::undecided);
}

TEST(probation, allows_a_share_within_the_margin_of_the_one_before) {
  EXPECT_EQ(result_of(make_probation(0.4), status(103, 1050, 100)), probation_result::passed);  // 50 % of 100
  EXPECT_EQ(result_of(make_probation(0.2), status(103, 1050, 100)), probation_result::failed);
}

TEST(probation, makes_nothing_of_a_few_errors) {
  EXPECT_EQ(result_of(make_probation(0.0), status(103, 1000, 54)), probation_result::passed);
  EXPECT_EQ(result_of(make_probation(0.0), status(103, 1000, 55)), probation_result::failed);
}

TEST(probation, takes_no_errors_for_granted_when_nothing_is_known_of_before) {
  EXPECT_EQ(result_of(probation(three_cycles, {}, status(100, 1000, 50)), status(101, 1000, 60)),
            probation_result::failed);
}

TEST(probation, holds_no_errors_of_an_outage_against_the_build) {
  auto trial = make_probation();
  auto down = status(101, 1000, 150);
  down.store.state = store::connection_state::down;
  EXPECT_EQ(trial.judge(down).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(status(102, 1100, 150)).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(status(104, 1300, 151)).result, probation_result::passed);
}

TEST(probation, sees_an_outage_that_is_over_already) {
  auto trial = make_probation();
  auto back = status(101, 1000, 150);
  back.store.reconnects = 1;
  EXPECT_EQ(trial.judge(back).result, probation_result::undecided);
}

TEST(probation, judges_no_build_while_the_store_refuses_commands) {
  auto trial = make_probation();
  auto now = status(103, 1000, 1050);
  now.store_troubles.push_back({store::state::out_of_memory, "OOM", "", 9, {}, {}});
  now.store_errors = 9;
  EXPECT_EQ(trial.judge(now).result, probation_result::undecided);
  now.store_troubles.clear();
  EXPECT_EQ(trial.judge(now).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(status(106, 1300, 1050)).result, probation_result::passed);
}

TEST(probation, sees_a_state_of_the_store_that_is_over_already) {
  auto trial = make_probation();
  auto now = status(103, 1000, 1050);
  now.store_errors = 1;
  EXPECT_EQ(trial.judge(now).result, probation_result::undecided);
}

TEST(probation, waits_while_functions_are_missing_and_holds_nothing_of_it_against_the_build) {
  auto trial = make_probation();
  auto missing = status(110, 1000, 150);
  missing.restarts = 2;
  missing.waits_for = {runner::scanner_state::functions_missing, "the function f of the library 'x'"};
  EXPECT_EQ(trial.judge(missing).result, probation_result::undecided);
  auto back = status(112, 1100, 150);
  back.restarts = 2;
  EXPECT_EQ(trial.judge(back).result, probation_result::undecided);
  back.cycles = 113;
  EXPECT_EQ(trial.judge(back).result, probation_result::passed);
}

TEST(probation, does_not_take_the_new_client_for_an_outage) {
  auto at_swap = status(100, 1000, 50);
  at_swap.store.reconnects = 7;
  at_swap.store.state = store::connection_state::stopped;
  probation trial(three_cycles, status_before(0.0), at_swap);
  EXPECT_EQ(trial.judge(status(101, 1000, 60)).result, probation_result::failed);
}

// --- memory

scanner_status with_memory(std::uint64_t cycles, std::uint64_t rises, std::int64_t growth = 0) {
  auto result = status(cycles, 1000, 50);
  result.memory_rises = rises;
  if (growth > 0) result.memory_growth = runner::steady_growth{growth, 30, base::milliseconds(45'000)};
  return result;
}

probation after_a_build_that_grew() {
  auto before = status_before(0.05);
  before.memory_growth = runner::steady_growth{1 << 25, 30, base::milliseconds(45'000)};
  return {three_cycles, before, status(100, 1000, 50)};
}

TEST(probation, fails_when_the_memory_grows_steadily_and_says_how_much) {
  const auto judged = make_probation().judge(with_memory(130, 29, 30 << 20));
  EXPECT_EQ(judged.result, probation_result::failed);
  EXPECT_EQ(judged.reason,
            "its memory grows steadily, by 30.0 MiB in 30 cycles (1.0 MiB a cycle), and before it did not");
}

TEST(probation, lasts_on_while_each_cycle_takes_more_memory) {
  auto trial = make_probation();
  EXPECT_EQ(trial.judge(with_memory(103, 2)).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(with_memory(110, 9)).result, probation_result::undecided);
  EXPECT_EQ(trial.judge(with_memory(111, 0)).result, probation_result::passed);
}

TEST(probation, passes_when_the_memory_rose_in_some_of_its_cycles_only) {
  EXPECT_EQ(result_of(make_probation(), with_memory(103, 1)), probation_result::passed);
}

TEST(probation, does_not_blame_a_build_that_grows_as_the_one_before_did) {
  EXPECT_EQ(result_of(after_a_build_that_grew(), with_memory(103, 2, 30 << 20)), probation_result::passed);
}

}  // namespace
}  // namespace scanhost::reload
