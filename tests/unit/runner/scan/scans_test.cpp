// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/scans.hpp"

#include <gtest/gtest.h>

#include <set>

namespace scanhost::runner {
namespace {

// So many come and go; their handles.
std::set<const scanhost_scan*> use_up(scans& scan_table, int count) {
  std::set<const scanhost_scan*> handles;
  for (int i = 0; i < count; ++i) {
    const auto scan = scan_table.add();
    handles.insert(scan.get());
    scan_table.remove(scan);
  }
  return handles;
}

TEST(scans, are_found_by_their_handles_while_they_are_under_way) {
  scans scan_table;
  const auto scan = scan_table.add();
  EXPECT_EQ(scan_table.find(scan.get()), scan);
  EXPECT_FALSE(scan_table.empty());
  scan_table.remove(scan);
  EXPECT_EQ(scan_table.find(scan.get()), nullptr);
  EXPECT_TRUE(scan_table.empty());
}

TEST(scans, do_not_know_a_handle_that_was_never_given_out) {
  scans scan_table;
  const auto scan = scan_table.add();
  scanhost_scan other;
  EXPECT_EQ(scan_table.find(&other), nullptr);
  EXPECT_EQ(scan_table.find(nullptr), nullptr);
}

TEST(scans, take_the_memory_of_those_that_are_over) {
  scans scan_table;
  EXPECT_LT(use_up(scan_table, 1000).size(), 40u);
}

TEST(scans, do_not_soon_give_a_handle_out_again) {
  scans scan_table;
  const auto first = use_up(scan_table, 1);
  EXPECT_FALSE(use_up(scan_table, 32).contains(*first.begin()));
}

TEST(scans, leave_one_alone_that_somebody_still_waits_for) {
  scans scan_table;
  const auto waited_for = scan_table.add();
  scan_table.remove(waited_for);
  EXPECT_FALSE(use_up(scan_table, 1000).contains(waited_for.get()));
  EXPECT_TRUE(waited_for->over);
}

TEST(scans, begin_as_new) {
  scans scan_table;
  for (int i = 0; i < 100; ++i) {
    const auto scan = scan_table.add();
    ASSERT_FALSE(scan->over);
    ASSERT_FALSE(scan->cancelled);
    ASSERT_EQ(scan->pending, 0u);
    ASSERT_TRUE(scan->passes.empty());
    ASSERT_EQ(scan->looked_ms, 0);
    scan->cancelled = true;
    scan->pending = 3;
    scan->looked_ms = 7;
    scan->passes.resize(2);
    scan_table.remove(scan);
  }
}

TEST(scans, list_those_under_way) {
  scans scan_table;
  const auto first = scan_table.add();
  const auto second = scan_table.add();
  scan_table.remove(first);
  EXPECT_EQ(scan_table.unfinished(), std::vector{second});
}

}  // namespace
}  // namespace scanhost::runner
