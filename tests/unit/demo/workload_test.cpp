// SPDX-License-Identifier: Apache-2.0
//
// Every workload: repeatable, spread, and with things that change and things that must not.
#include "demo/workload.hpp"

#include <gmock/gmock.h>

#include <array>
#include <set>

#include "demo/files.hpp"
#include "demo/judge.hpp"

namespace scanhost::demo {
namespace {

const timing run{1'700'000'000'000, 1'700'000'005'000, 1'700'000'025'000};
const std::vector<std::string> everything{"lease_expiry",      "delayed_promoter",      "cancel_reconciler",
                                          "attempt_timeout",   "execution_deadline",    "suspension_timeout",
                                          "pending_wp_expiry", "budget_reset",          "budget_reconciler",
                                          "unblock",           "dependency_reconciler", "index_reconciler",
                                          "retention_trimmer", "quota_reconciler",      "flow_projector"};

std::vector<std::unique_ptr<workload>> planned(std::size_t executions, std::uint64_t seed = 3) {
  auto all = workloads_for(everything);
  plan_all(all, run, seed, executions);
  return all;
}

bool same_places(const world& one, const world& other) {
  const auto set_of = [](const world& w) {
    std::set<std::string> all;
    for (const auto& at : w.places())
      all.insert(at.index + " " + at.member + " " + (at.score ? at.score->exact : ""));
    return all;
  };
  return set_of(one) == set_of(other);
}

std::size_t fields_in(const world& w) {
  std::size_t count = w.keys().size();
  for (const auto& [key, content] : w.keys()) {
    if (const auto* whole = std::get_if<hash>(&content)) count += whole->value.size();
    if (const auto* whole = std::get_if<scored>(&content)) count += whole->value.size();
    if (const auto* whole = std::get_if<members>(&content)) count += whole->value.size();
    if (const auto* whole = std::get_if<plain>(&content)) count += whole->value.exact.size();
  }
  return count;
}

std::size_t moments_in(const world& w) {
  std::size_t count = 0;
  for (const auto& [key, content] : w.keys()) {
    const auto* whole = std::get_if<hash>(&content);
    if (whole == nullptr) continue;
    for (const auto& [field, value] : whole->value) count += value.step ? 1 : 0;
  }
  return count;
}

TEST(workload, holds_at_least_as_many_executions_as_asked_for) {
  std::size_t count = 0;
  for (const auto& one : planned(2000)) {
    for (const auto& r : one->records()) count += r.executions;
  }
  EXPECT_GE(count, 2000U);
}
TEST(workload, is_only_there_for_plugins_that_are_there) {
  const auto all = workloads_for({"delayed_promoter", "something_else"});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front()->scanner(), "delayed_promoter");
}
TEST(workload, spreads_its_due_times_over_the_run_and_ends_before_it) {
  for (const auto& one : planned(3000)) {
    std::int64_t first = run.end, last = 0;
    for (const auto& r : one->records()) {
      if (r.due < run.start) continue;
      first = std::min(first, r.due);
      last = std::max(last, r.due);
    }
    if (last == 0) continue;  // all its work waits at the start
    EXPECT_LT(first, run.start + 5000) << one->scanner();
    EXPECT_GT(last, run.end - 8000) << one->scanner();
    EXPECT_LE(last, run.end - timing::quiet) << one->scanner();
  }
}
TEST(workload, has_work_and_controls) {
  for (const auto& one : planned(3000)) {
    std::size_t due = 0, quiet = 0;
    for (const auto& r : one->records()) ++(r.due != 0 ? due : quiet);
    if (one->scanner() == "index_reconciler") continue;  // it only reports
    EXPECT_GT(due, 0U) << one->scanner();
    EXPECT_GT(quiet, 0U) << one->scanner();
  }
}
TEST(workload, makes_the_same_record_again) {
  for (const auto& one : planned(200)) {
    for (const auto& r : one->records()) {
      const auto first = one->before(r), again = one->before(r);
      ASSERT_EQ(first.keys().size(), again.keys().size());
      EXPECT_TRUE(same_places(first, again));
    }
  }
}
TEST(workload, changes_each_record_that_comes_due) {
  for (const auto& one : planned(400)) {
    for (const auto& r : one->records()) {
      if (r.due == 0) continue;
      const auto before = one->before(r);
      auto after = before;
      one->after(r, after);
      const bool changed =
          moments_in(after) > 0 || fields_in(after) != fields_in(before) || !same_places(before, after);
      EXPECT_TRUE(changed) << one->scanner() << ": " << one->situation(r);
    }
  }
}
TEST(workload, gives_no_two_records_the_same_key) {
  std::set<std::string> seen;
  for (const auto& one : planned(1000)) {
    for (const auto& r : one->records()) {
      const auto w = one->before(r);
      for (const auto& [key, content] : w.keys()) EXPECT_TRUE(seen.insert(key).second) << key;
    }
  }
}
TEST(workload, moves_to_another_run_what_comes_due_in_it) {
  for (const auto& one : planned(400)) {
    const auto before = one->records();
    one->retime(run.start + 100'000, run.end + 100'000);
    for (std::size_t at = 0; at < before.size(); ++at) {
      const auto moved = before[at].due >= run.start ? 100'000 : 0;
      EXPECT_EQ(one->records()[at].due, before[at].due + moved);
    }
  }
}
TEST(draw, follows_the_weights) {
  dice chance(1);
  constexpr std::array<share, 2> shares{{{4, 1}, {9, 3}}};
  int fours = 0;
  for (int at = 0; at < 4000; ++at) fours += draw(chance, shares) == 4 ? 1 : 0;
  EXPECT_GT(fours, 700);
  EXPECT_LT(fours, 1300);
}

}  // namespace
}  // namespace scanhost::demo
