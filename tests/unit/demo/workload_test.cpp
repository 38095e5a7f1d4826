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

const timing demo_times{1'700'000'000'000, 1'700'000'005'000, 1'700'000'025'000};
const std::vector<std::string> everything{"lease_expiry",      "delayed_promoter",      "cancel_reconciler",
                                          "attempt_timeout",   "execution_deadline",    "suspension_timeout",
                                          "pending_wp_expiry", "budget_reset",          "budget_reconciler",
                                          "unblock",           "dependency_reconciler", "index_reconciler",
                                          "retention_trimmer", "quota_reconciler",      "flow_projector"};

workloads planned(std::size_t executions, std::uint64_t seed = 3) {
  auto loads = workloads_for(everything);
  plan_all(loads, demo_times, seed, executions);
  return loads;
}

bool same_entries(const world& first, const world& other) {
  const auto set_of = [](const world& w) {
    std::set<std::string> placements;
    for (const auto& at : w.index_entries())
      placements.insert(at.index + " " + at.member + " " + (at.score ? at.score->exact : ""));
    return placements;
  };
  return set_of(first) == set_of(other);
}

std::size_t size_of(const world& w) {
  std::size_t count = w.keys().size();
  for (const auto& [key, value] : w.keys()) {
    count += value.items.size() + value.entries.size();
    if (value.type == data_type::string) count += w.get(key).size();
  }
  return count;
}

std::size_t moments_in(const world& w) {
  std::size_t count = 0;
  for (const auto& [key, value] : w.keys()) {
    for (const auto& [field, text] : value.items) count += text.step ? 1 : 0;
  }
  return count;
}

TEST(workload, holds_at_least_as_many_executions_as_asked_for) {
  std::size_t count = 0;
  for (const auto& workload : planned(2000)) {
    for (const auto& r : workload->records()) count += r.executions;
  }
  EXPECT_GE(count, 2000U);
}
TEST(workload, is_only_there_for_plugins_that_are_there) {
  const auto loads = workloads_for({"delayed_promoter", "something_else"});
  ASSERT_EQ(loads.size(), 1U);
  EXPECT_EQ(loads.front()->scanner(), "delayed_promoter");
}
TEST(workload, spreads_its_due_times_over_the_run_and_ends_before_it) {
  for (const auto& workload : planned(3000)) {
    std::int64_t first = demo_times.end, last = 0;
    for (const auto& r : workload->records()) {
      if (r.due < demo_times.start) continue;
      first = std::min(first, r.due);
      last = std::max(last, r.due);
    }
    if (last == 0) continue;  // all its work waits at the start
    EXPECT_LT(first, demo_times.start + 5000) << workload->scanner();
    EXPECT_GT(last, demo_times.end - 8000) << workload->scanner();
    EXPECT_LE(last, demo_times.end - timing::quiet) << workload->scanner();
  }
}
TEST(workload, has_work_and_controls) {
  for (const auto& workload : planned(3000)) {
    std::size_t due = 0, quiet = 0;
    for (const auto& r : workload->records()) ++(r.due != 0 ? due : quiet);
    if (workload->scanner() == "index_reconciler") continue;  // it only reports
    EXPECT_GT(due, 0U) << workload->scanner();
    EXPECT_GT(quiet, 0U) << workload->scanner();
  }
}
TEST(workload, makes_the_same_record_again) {
  for (const auto& workload : planned(200)) {
    for (const auto& r : workload->records()) {
      const auto first = workload->before(r), again = workload->before(r);
      ASSERT_EQ(first.keys().size(), again.keys().size());
      EXPECT_TRUE(same_entries(first, again));
    }
  }
}
TEST(workload, changes_each_record_that_comes_due) {
  for (const auto& workload : planned(400)) {
    for (const auto& r : workload->records()) {
      if (r.due == 0) continue;
      const auto before = workload->before(r);
      auto after = before;
      workload->after(r, after);
      const bool changed =
          moments_in(after) > 0 || size_of(after) != size_of(before) || !same_entries(before, after);
      EXPECT_TRUE(changed) << workload->scanner() << ": " << workload->situation_of(r);
    }
  }
}
TEST(workload, gives_no_two_records_the_same_key) {
  std::set<std::string> seen;
  for (const auto& workload : planned(1000)) {
    for (const auto& r : workload->records()) {
      const auto w = workload->before(r);
      for (const auto& [key, content] : w.keys()) EXPECT_TRUE(seen.insert(key).second) << key;
    }
  }
}
TEST(workload, moves_to_another_run_what_comes_due_in_it) {
  for (const auto& workload : planned(400)) {
    const auto before = workload->records();
    workload->retime(demo_times.start + 100'000, demo_times.end + 100'000);
    for (std::size_t at = 0; at < before.size(); ++at) {
      const auto moved = before[at].due >= demo_times.start ? 100'000 : 0;
      EXPECT_EQ(workload->records()[at].due, before[at].due + moved);
    }
  }
}
TEST(draw, follows_the_weights) {
  dice chance(1);
  constexpr int shares[] = {0, 1, 3};
  int ones = 0;
  for (int at = 0; at < 4000; ++at) {
    const auto row = draw(chance, shares);
    ASSERT_NE(row, 0U);
    ones += row == 1 ? 1 : 0;
  }
  EXPECT_GT(ones, 700);
  EXPECT_LT(ones, 1300);
}

}  // namespace
}  // namespace scanhost::demo
