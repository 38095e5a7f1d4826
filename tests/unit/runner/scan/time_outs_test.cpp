// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/time_outs.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

using namespace std::chrono_literals;
using overdue = time_outs::overdue;

constexpr time_outs limits{10s, 3s};
const base::steady_time start = base::steady_time(1000s);

void work(scanhost_scan& scan) {
  scan.working = true;
  scan.progressed = start;
}

TEST(time_outs, wait_for_progress_as_long_as_scan_timeout_says) {
  scanhost_scan scan;
  work(scan);
  EXPECT_EQ(limits.check(scan, start + 9s), overdue::nothing);
  EXPECT_EQ(limits.check(scan, start + 10s), overdue::progress);
}

TEST(time_outs, do_not_blame_a_scan_that_waits_for_its_turn) {
  scanhost_scan scan;
  scan.progressed = start;
  EXPECT_EQ(limits.check(scan, start + 1h), overdue::nothing);
}

TEST(time_outs, wait_for_a_cancelled_scan_to_finish_as_long_as_hang_timeout_says) {
  scanhost_scan scan;
  work(scan);
  scan.cancelled = true;
  scan.cancelled_at = start + 10s;
  EXPECT_EQ(limits.check(scan, start + 12s), overdue::nothing);
  EXPECT_EQ(limits.check(scan, start + 13s), overdue::finish);
}

}  // namespace
}  // namespace scanhost::runner
