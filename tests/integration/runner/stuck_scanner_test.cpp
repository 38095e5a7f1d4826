// SPDX-License-Identifier: Apache-2.0
//
// A thread that hangs inside a plugin is abandoned and replaced, and harms no other scanner.
#include <fstream>

#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;
using runner::scanner_state;

class stuck_scanner : public runner_test {
 protected:
  plan::scanner_plan hanging() {
    auto result = plan("hangs_in_scan");
    result.settings.hang_timeout = 100ms;
    result.settings.options["file"] = file("release").string();
    return result;
  }
  void release() { std::ofstream(file("release")) << "go on"; }

  // What the control thread does, until it is so.
  bool ticking(runner::scanner& subject, const std::function<bool()>& so) {
    return eventually([&] {
      subject.tick(base::steady::now());
      return so();
    });
  }
};

TEST_F(stuck_scanner, is_replaced_by_a_new_generation_while_others_run_on) {
  const auto hung = scanner(hanging());
  const auto other = scanner(plan("sweeps_due"));
  hung->start(0ms);
  other->start(0ms);
  ASSERT_TRUE(ticking(*hung, [&] { return hung->status().generation >= 2; }));
  const auto cycles = other->status().cycles;
  EXPECT_TRUE(eventually([&] { return other->status().cycles > cycles + 2; }));
  EXPECT_GE(metric("scanhost_stuck_generations{scanner=\"hangs_in_scan\"}"), 1);
  release();
  EXPECT_TRUE(ticking(*hung, [&] { return hung->status().cycles >= 2; }));
  EXPECT_TRUE(ticking(*hung, [&] { return hung->status().stuck_generations == 0; }));
}

TEST_F(stuck_scanner, is_not_replaced_without_end) {
  const auto hung = scanner(hanging());
  hung->start(0ms);
  ASSERT_TRUE(ticking(*hung, [&] { return hung->status().stuck_generations == 3; }));
  for (int look = 0; look < 20; ++look) hung->tick(base::steady::now());
  EXPECT_EQ(hung->status().state, scanner_state::stuck);
  EXPECT_EQ(hung->status().generation, 3u);
  release();
  EXPECT_TRUE(
      ticking(*hung, [&] { return hung->status().cycles >= 1 && hung->status().stuck_generations == 0; }));
}

TEST_F(stuck_scanner, is_not_started_again_before_the_judgement_when_it_hangs_on_probation) {
  const auto hung = scanner(hanging());
  hung->set_probation(true);
  hung->start(0ms);
  ASSERT_TRUE(ticking(*hung, [&] { return hung->status().state == scanner_state::stuck; }));
  for (int look = 0; look < 20; ++look) hung->tick(base::steady::now());
  EXPECT_EQ(hung->status().generation, 1u);
  EXPECT_EQ(hung->status().stuck_generations, 1u);
  hung->set_probation(false);
  EXPECT_TRUE(ticking(*hung, [&] { return hung->status().generation == 2; }));
  release();
  EXPECT_TRUE(ticking(*hung, [&] { return hung->status().stuck_generations == 0; }));
}

TEST_F(stuck_scanner, ends_a_run_of_cycles_with_an_error) {
  awaited_reports reports;
  const auto hung = scanner(hanging());
  hung->run_cycles(1, reports.receiver());
  const auto outcome = reports.get(*hung);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, base::errc::timed_out);
  release();
  EXPECT_TRUE(ticking(*hung, [&] { return hung->status().stuck_generations == 0; }));
}

TEST_F(stuck_scanner, is_abandoned_by_a_stop) {
  const auto hung = scanner(hanging());
  hung->start(0ms);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(file("release.inside")); }));
  hung->request_stop();
  EXPECT_EQ(hung->join(base::steady::now(), 10ms), runner::stop_outcome::stuck);
  release();
  EXPECT_TRUE(
      eventually([&] { return hung->join(base::steady::now(), 0ms) == runner::stop_outcome::stopped; }));
}

}  // namespace
}  // namespace scanhost::test
