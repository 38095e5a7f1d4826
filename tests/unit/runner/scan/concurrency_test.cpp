// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/concurrency.hpp"

#include <gtest/gtest.h>

namespace scanhost::runner {
namespace {

TEST(concurrency, has_room_until_as_many_scans_work_as_may) {
  concurrency limit(2);
  scanhost_scan first;
  scanhost_scan second;
  limit.update(first);
  EXPECT_TRUE(limit.has_room());
  limit.update(second);
  EXPECT_FALSE(limit.has_room());
}

TEST(concurrency, counts_a_scan_once) {
  concurrency limit(2);
  scanhost_scan scan;
  limit.update(scan);
  limit.update(scan);
  EXPECT_TRUE(limit.has_room());
}

TEST(concurrency, has_always_room_without_a_limit) {
  concurrency limit(0);
  scanhost_scan scan;
  limit.update(scan);
  EXPECT_TRUE(limit.has_room());
}

TEST(concurrency, does_not_count_a_scan_that_only_waits_for_turns) {
  concurrency limit(1);
  scanhost_scan scan;
  limit.update(scan);
  scan.pending = scan.turns_awaited = 1;
  limit.update(scan);
  EXPECT_TRUE(limit.has_room());
}

TEST(concurrency, counts_a_scan_that_waits_for_replies_too) {
  concurrency limit(1);
  scanhost_scan scan;
  scan.pending = 2;
  scan.turns_awaited = 1;
  limit.update(scan);
  EXPECT_FALSE(limit.has_room());
}

TEST(concurrency, counts_a_scan_from_when_its_turn_was_granted) {
  concurrency limit(1);
  scanhost_scan scan;
  scan.pending = scan.turns_awaited = 1;
  limit.update(scan);
  limit.let_through(scan);
  EXPECT_FALSE(limit.has_room());
}

TEST(concurrency, counts_a_scan_whose_turn_was_granted_whatever_else_is_called_back_before) {
  concurrency limit(1);
  scanhost_scan scan;
  scan.pending = scan.turns_awaited = 2;
  limit.update(scan);
  limit.let_through(scan);
  limit.update(scan);
  EXPECT_FALSE(limit.has_room());
}

TEST(concurrency, does_not_count_a_scan_that_was_set_aside_until_it_goes_on) {
  concurrency limit(1);
  scanhost_scan scan;
  scan.pending = 1;
  limit.update(scan);
  limit.set_aside(scan);
  EXPECT_TRUE(limit.has_room());
  limit.update(scan);
  EXPECT_FALSE(limit.has_room());
}

TEST(concurrency, makes_room_when_a_scan_is_over) {
  concurrency limit(1);
  scanhost_scan scan;
  limit.update(scan);
  scan.over = true;
  limit.update(scan);
  EXPECT_TRUE(limit.has_room());
}

}  // namespace
}  // namespace scanhost::runner
