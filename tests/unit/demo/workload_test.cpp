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
const std::vector<std::string> everything{"lease_expiry",           "delayed_promoter",
                                          "cancel_reconciler",      "attempt_timeout",
                                          "execution_deadline",     "suspension_timeout",
                                          "pending_wp_expiry",      "budget_reset",
                                          "budget_reconciler",      "unblock",
                                          "dependency_reconciler",  "index_reconciler",
                                          "retention_trimmer",      "quota_reconciler",
                                          "flow_projector",         "edge_cancel_dispatcher",
                                          "edge_cancel_reconciler", "flow_trimmer",
                                          "worker_registry_sweep"};

workloads planned(std::size_t executions, std::uint64_t seed = 3) {
  auto loads = workloads_for(everything);
  plan_all(loads, demo_times, seed, executions);
  return loads;
}

// All that is there, and all that is wanted there, as text.
std::string picture_of(const world& w) {
  std::string picture;
  const auto add = [&](const std::string& name, const text& value) {
    picture += name + "=" + value.exact + (value.step ? "@" + std::to_string(*value.step) : "") + "\n";
  };
  for (const auto& [at, value] : w.contents()) {
    picture += at.key + " " + at.member + "\n";
    for (const auto& [name, item] : value.items) add(name, item);
    for (const auto& entry : value.entries)
      for (const auto& [name, item] : entry) add(name, item);
  }
  return picture;
}

TEST(workload, holds_at_least_as_many_executions_as_asked_for) {
  std::size_t count = 0;
  for (const auto& load : planned(2000)) {
    for (const auto& r : load.records()) count += r.executions;
  }
  EXPECT_GE(count, 2000U);
}
TEST(workload, is_only_there_for_plugins_that_are_there) {
  const auto loads = workloads_for({"delayed_promoter", "something_else"});
  ASSERT_EQ(loads.size(), 1U);
  EXPECT_EQ(loads.front().scanner, "delayed_promoter");
}
TEST(workload, spreads_its_due_times_over_the_run_and_ends_before_it) {
  for (const auto& load : planned(3000)) {
    std::int64_t first = demo_times.end, last = 0;
    for (const auto& r : load.records()) {
      if (r.due < demo_times.start) continue;
      first = std::min(first, r.due);
      last = std::max(last, r.due);
    }
    if (last == 0) continue;  // all its work waits at the start
    EXPECT_LT(first, demo_times.start + 5000) << load.scanner;
    EXPECT_GT(last, demo_times.end - 8000) << load.scanner;
    EXPECT_LE(last, demo_times.end - timing::quiet) << load.scanner;
  }
}
TEST(workload, has_work_and_controls) {
  for (const auto& load : planned(3000)) {
    std::size_t due = 0, quiet = 0;
    for (const auto& r : load.records()) ++(r.due != 0 ? due : quiet);
    if (load.scanner == "index_reconciler") continue;  // it only reports
    EXPECT_GT(due, 0U) << load.scanner;
    EXPECT_GT(quiet, 0U) << load.scanner;
  }
}
TEST(workload, makes_the_same_record_again) {
  for (const auto& load : planned(200)) {
    for (const auto& r : load.records()) {
      EXPECT_EQ(picture_of(load.before(r)), picture_of(load.before(r)));
    }
  }
}
TEST(workload, changes_each_record_that_comes_due) {
  for (const auto& load : planned(400)) {
    for (const auto& r : load.records()) {
      if (r.due == 0) continue;
      const auto before = load.before(r);
      auto after = before;
      load.after(r, after);
      EXPECT_NE(picture_of(before), picture_of(after)) << load.scanner << ": " << load.situation_of(r);
    }
  }
}
TEST(workload, gives_no_two_records_the_same_key) {
  std::set<std::string> seen;
  for (const auto& load : planned(1000)) {
    for (const auto& r : load.records()) {
      const auto w = load.before(r);
      for (const auto& [at, content] : w.contents()) {
        EXPECT_TRUE(!at.member.empty() || seen.insert(at.key).second) << at.key;
      }
    }
  }
}
TEST(workload, moves_to_another_run_what_comes_due_in_it) {
  auto loads = planned(400);
  for (auto& load : loads) {
    const auto before = load.records();
    load.retime(demo_times.start + 100'000, demo_times.end + 100'000);
    for (std::size_t at = 0; at < before.size(); ++at) {
      const auto moved = before[at].due >= demo_times.start ? 100'000 : 0;
      EXPECT_EQ(load.records()[at].due, before[at].due + moved);
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
