// SPDX-License-Identifier: Apache-2.0
//
// Scans that wait for a thread of their plugin, or for a descriptor.
#include "integration/runner/fixture.hpp"

namespace scanhost::test {
namespace {

using namespace std::chrono_literals;

class waiting_scans : public runner_test {};

TEST_F(waiting_scans, go_on_when_a_thread_wakes_them_and_when_a_socket_is_readable) {
  const auto reports = run(20, plan("waits_outside"));
  ASSERT_TRUE(reports) << reports.error().message;
  for (const auto& report : *reports) {
    EXPECT_EQ(report.counts.processed, 4u);
    EXPECT_EQ(report.counts.errors, 0u);
  }
}

TEST_F(waiting_scans, are_cancelled_when_they_wait_for_longer_than_scan_timeout) {
  auto impatient = plan("waits_outside");
  impatient.settings.options["forever"] = std::int64_t{1};
  impatient.settings.scan_timeout = 100ms;
  const auto reports = run(1, std::move(impatient));
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(reports->front().counts.processed, 3u);
  EXPECT_EQ(reports->front().counts.errors, 1u);
}

TEST_F(waiting_scans, are_cancelled_when_a_stop_has_waited_long_enough) {
  auto waiting = plan("waits_outside");
  waiting.settings.options["forever"] = std::int64_t{1};
  const auto subject = scanner(std::move(waiting));
  subject->start(0ms);
  ASSERT_TRUE(eventually([&] { return subject->status().state == runner::scanner_state::cycling; }));
  subject->request_stop();
  EXPECT_EQ(subject->join(base::steady::now() + 100ms, 60s), runner::stop_outcome::stopped);
}

}  // namespace
}  // namespace scanhost::test
