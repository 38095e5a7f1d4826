// SPDX-License-Identifier: Apache-2.0
//
// A server that dies in the middle of a cycle, and comes back with its data.
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

class killed_server : public runner_test {
 protected:
  killed_server() : runner_test(durable()) {}

  static server_options durable() {
    server_options options;
    options.append_only = true;
    return options;
  }
  std::int64_t left_in_all() { return left(0) + left(1) + left(2) + left(3); }
};

TEST_F(killed_server, leaves_nothing_undone_when_it_returns) {
  for (int partition = 0; partition < 4; ++partition)
    for (int chunk = 0; chunk < 10; ++chunk) seed(partition, 1000, "item" + std::to_string(chunk) + "-");
  auto draining = plan("sweeps_due");
  draining.settings.page_size = 20;
  const auto subject = scanner(std::move(draining));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return left_in_all() < 39'000; }));
  server_.kill();
  const auto errors = subject->status().totals.errors;
  ASSERT_TRUE(eventually([&] { return subject->status().totals.errors > errors; }));
  server_.start();
  EXPECT_TRUE(eventually([&] { return left_in_all() == 0; }));
  ASSERT_TRUE(eventually(
      [&] { return subject->status().last_cycle && subject->status().last_cycle->counts.errors == 0; }));
  const auto status = subject->status();
  EXPECT_EQ(status.restarts, 0u);
  // What was done just before the kill may have lost its answer; nothing is counted twice.
  EXPECT_LE(status.totals.processed, 40'000u);
}

TEST_F(killed_server, does_not_hold_up_a_stop) {
  seed(0, 10);
  const auto subject = scanner(plan("sweeps_due"));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > 0; }));
  server_.kill();
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 60s, 1s), runner::stop_outcome::stopped);
}

TEST_F(killed_server, that_freezes_is_given_up_after_the_command_timeout) {
  auto impatient = plan("sweeps_due");
  impatient.store.command_timeout = 200ms;
  const auto subject = scanner(std::move(impatient));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().cycles > 0; }));
  server_.freeze();
  EXPECT_TRUE(eventually([&] { return subject->status().totals.errors >= 4; }));
  server_.thaw();
  const auto cycles = subject->status().cycles;
  EXPECT_TRUE(eventually([&] {
    const auto now = subject->status();
    return now.cycles > cycles && now.last_cycle->counts.errors == 0;
  }));
}

}  // namespace
}  // namespace scanhost::test
