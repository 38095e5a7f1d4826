// SPDX-License-Identifier: Apache-2.0
//
// A generation follows another while the scanner runs.
#include "runner/replacement.hpp"

#include <fstream>
#include <scanhost/detail/sanitizers.hpp>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using runner::scanner_state;

class replaced_scanner : public runner_test {
 protected:
  std::unique_ptr<runner::scanner> started(plan::scanner_plan plan) {
    auto subject = scanner(std::move(plan));
    subject->start(0ms);
    EXPECT_TRUE(eventually([&] { return subject->status().state != scanner_state::starting; }));
    return subject;
  }
  base::result<runner::replaced> replace(runner::scanner& subject, plan::scanner_plan plan) {
    runner::replacement move(subject, std::move(plan));
    if (auto ready = move.prepare(given_up_); !ready) return ready.error();
    return move.commit("reloaded", "a test");
  }
  std::atomic<bool> given_up_{false};
};

TEST_F(replaced_scanner, goes_on_with_the_next_generation_and_all_its_counts) {
  const auto subject = started(plan("sweeps_due"));
  seed(0, 10, "before");
  ASSERT_TRUE(eventually([&] { return subject->status().totals.processed == 10; }));
  const auto done = replace(*subject, plan("sweeps_due"));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(done->cancelled);
  EXPECT_FALSE(done->retained);
  seed(1, 10, "after");
  ASSERT_TRUE(eventually([&] { return subject->status().totals.processed == 20; }));
  const auto status = subject->status();
  EXPECT_EQ(status.generation, 2u);
  EXPECT_EQ(status.history.size(), 2u);
  EXPECT_EQ(status.history.back().outcome, "reloaded");
  EXPECT_EQ(metric("scanhost_processed_total{scanner=\"sweeps_due\"}"), 20);
  EXPECT_EQ(metric("scanhost_generation{scanner=\"sweeps_due\"}"), 2);
}

TEST_F(replaced_scanner, does_each_item_once_over_many_generations) {
  auto quick = plan("sweeps_due");
  quick.settings.page_size = 10;
  const auto subject = started(quick);
  int seeded = 0;
  for (int round = 0; round < 30; ++round) {
    for (int partition = 0; partition < 4; ++partition)
      seed(partition, 100, "r" + std::to_string(round) + "-");
    seeded += 400;
    const auto done = replace(*subject, quick);
    ASSERT_TRUE(done) << done.error().message;
  }
  ASSERT_TRUE(eventually([&] { return left(0) + left(1) + left(2) + left(3) == 0; }));
  subject->request_stop();
  ASSERT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
  const auto status = subject->status();
  EXPECT_EQ(status.totals.processed - status.totals.unchanged, static_cast<std::uint64_t>(seeded));
  EXPECT_EQ(status.totals.unchanged, 0u);
  EXPECT_EQ(status.generation, 31u);
  // With AddressSanitizer every library stays mapped.
  if (!scanhost::detail::address_sanitizer) {
    EXPECT_EQ(status.pinned_builds, 0u);
  }
}

TEST_F(replaced_scanner, stays_as_it_was_when_the_new_instance_cannot_be_made) {
  const auto subject = started(plan("sweeps_due"));
  auto failing = plan("fails_in_create");
  failing.settings.options["file"] = file("missing").string();
  const auto done = replace(*subject, failing);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("create"), std::string::npos) << done.error().message;
  seed(0, 10);
  EXPECT_TRUE(eventually([&] { return subject->status().totals.processed == 10; }));
  EXPECT_EQ(subject->status().generation, 1u);
  EXPECT_EQ(subject->status().restarts, 0u);
}

TEST_F(replaced_scanner, gives_up_a_new_generation_when_asked) {
  const auto subject = started(plan("sweeps_due"));
  given_up_ = true;
  EXPECT_FALSE(replace(*subject, plan("sweeps_due")));
  seed(0, 10);
  EXPECT_TRUE(eventually([&] { return subject->status().totals.processed == 10; }));
}

TEST_F(replaced_scanner, cancels_scans_that_outlast_the_drain_timeout) {
  auto slow = plan("waits_long");
  slow.settings.drain_timeout = 50ms;
  const auto subject = started(slow);
  ASSERT_TRUE(eventually([&] { return subject->status().state == scanner_state::cycling; }));
  const auto done = replace(*subject, plan("sweeps_due"));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->cancelled);
  EXPECT_FALSE(done->retained);
  seed(0, 10);
  EXPECT_TRUE(eventually([&] { return left(0) == 0; }));
}

TEST_F(replaced_scanner, abandons_a_generation_that_will_not_drain) {
  auto hanging = plan("hangs_in_scan");
  hanging.settings.drain_timeout = 50ms;
  hanging.settings.options["file"] = file("release").string();
  const auto subject = started(hanging);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(file("release.inside")); }));
  const auto done = replace(*subject, plan("sweeps_due"));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->retained);
  EXPECT_EQ(subject->status().stuck_generations, 1u);
  seed(0, 10);
  EXPECT_TRUE(eventually([&] { return left(0) == 0; }));
  std::ofstream(file("release")) << "go on";
  EXPECT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().stuck_generations == 0;
  }));
  EXPECT_EQ(subject->status().totals.processed, 10u);  // what it says later counts for nothing
}

TEST_F(replaced_scanner, replaces_one_that_is_stuck) {
  auto hanging = plan("hangs_in_scan");
  hanging.settings.hang_timeout = 100ms;
  hanging.settings.options["file"] = file("release").string();
  const auto subject = started(hanging);
  ASSERT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().stuck_generations == 3;
  }));
  const auto done = replace(*subject, plan("sweeps_due"));
  ASSERT_TRUE(done) << done.error().message;
  seed(0, 10);
  EXPECT_TRUE(eventually([&] { return left(0) == 0; }));
  // The threads that are stuck have code and options of this test: they have to end before it does.
  std::ofstream(file("release")) << "go on";
  EXPECT_TRUE(eventually([&] {
    subject->tick(base::steady::now());
    return subject->status().stuck_generations == 0;
  }));
}

TEST_F(replaced_scanner, never_looks_stopped_meanwhile) {
  const auto subject = started(plan("sweeps_due"));
  ASSERT_TRUE(eventually([&] { return subject->status().cycles >= 1; }));
  runner::replacement move(*subject, plan("sweeps_due"));
  ASSERT_TRUE(move.prepare(given_up_));
  move.retire();
  const auto until = base::steady::now() + 200ms;
  while (base::steady::now() < until) {
    ASSERT_NE(subject->status().state, scanner_state::stopping);
    ASSERT_NE(subject->status().state, scanner_state::stopped);
  }
  EXPECT_TRUE(move.commit("reloaded", "a test"));
}

TEST_F(replaced_scanner, keeps_items_in_back_off) {
  auto subject = started(plan("sweeps_due"));
  seed(0, 1, "bad");
  ASSERT_TRUE(eventually([&] { return subject->status().items_in_back_off == 1; }));
  ASSERT_TRUE(replace(*subject, plan("sweeps_due")));
  EXPECT_EQ(subject->status().items_in_back_off, 1u);
}

class handed_over : public replaced_scanner {
 protected:
  double scans() { return metric("keeps_state_scans_in_all{scanner=\"keeps_state\"}"); }
  plan::scanner_plan keeping(const std::string& manner) {
    auto result = plan("keeps_state");
    result.settings.options["file"] = manner;
    return result;
  }
};

TEST_F(handed_over, is_the_state_of_the_old_generation) {
  const auto subject = started(keeping(""));
  ASSERT_TRUE(eventually([&] { return scans() >= 20; }));
  const auto cycles = subject->status().cycles;
  ASSERT_TRUE(replace(*subject, keeping("")));
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > cycles + 1; }));
  EXPECT_GT(scans(), 20);
}

TEST_F(handed_over, is_nothing_when_the_new_build_refuses_or_the_state_is_too_large) {
  const auto subject = started(keeping(""));
  ASSERT_TRUE(eventually([&] { return scans() >= 40; }));
  ASSERT_TRUE(replace(*subject, keeping("picky")));
  ASSERT_TRUE(eventually([&] { return scans() < 40; }));
  ASSERT_TRUE(replace(*subject, keeping("large")));
  ASSERT_TRUE(eventually([&] { return scans() >= 40; }));
  ASSERT_TRUE(replace(*subject, keeping("")));
  EXPECT_TRUE(eventually([&] { return scans() < 40; }));
}

}  // namespace
}  // namespace scanhost::test
