// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/scan_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace scanhost::runner {
namespace {

// Starts and ends `count` scans; their handles.
std::set<const scanhost_scan*> use_up(scan_table& table, int count) {
  std::set<const scanhost_scan*> handles;
  for (int i = 0; i < count; ++i) {
    const auto scan = table.add();
    handles.insert(scan.get());
    table.remove(scan);
  }
  return handles;
}

TEST(scan_table, finds_scans_by_their_handles_while_they_are_under_way) {
  scan_table table;
  const auto scan = table.add();
  EXPECT_EQ(table.find(scan.get()), scan);
  EXPECT_FALSE(table.empty());
  table.remove(scan);
  EXPECT_EQ(table.find(scan.get()), nullptr);
  EXPECT_TRUE(table.empty());
}

TEST(scan_table, does_not_know_a_handle_that_was_never_given_out) {
  scan_table table;
  const auto scan = table.add();
  scanhost_scan other;
  EXPECT_EQ(table.find(&other), nullptr);
  EXPECT_EQ(table.find(nullptr), nullptr);
}

TEST(scan_table, finds_the_scan_that_the_plugin_is_called_for_until_it_is_over) {
  scan_table table;
  const auto scan = table.add();
  table.expect(scan);
  EXPECT_EQ(table.find(scan.get()), scan);
  table.remove(scan);
  EXPECT_EQ(table.find(scan.get()), nullptr);
}

TEST(scan_table, reuses_the_memory_of_scans_that_are_over) {
  scan_table table;
  EXPECT_LT(use_up(table, 1000).size(), 40u);
}

TEST(scan_table, does_not_soon_give_a_handle_out_again) {
  scan_table table;
  const auto first = use_up(table, 1);
  EXPECT_FALSE(use_up(table, 32).contains(*first.begin()));
}

TEST(scan_table, leaves_a_scan_alone_that_somebody_still_waits_for) {
  scan_table table;
  const auto waited_for = table.add();
  table.remove(waited_for);
  EXPECT_FALSE(use_up(table, 1000).contains(waited_for.get()));
  EXPECT_TRUE(waited_for->over);
}

TEST(scan_table, gives_out_scans_as_new) {
  scan_table table;
  for (int i = 0; i < 100; ++i) {
    const auto scan = table.add();
    ASSERT_FALSE(scan->over);
    ASSERT_FALSE(scan->cancelled);
    ASSERT_EQ(scan->pending, 0u);
    ASSERT_TRUE(scan->passes.empty());
    ASSERT_EQ(scan->first_now_ms, 0);
    scan->cancelled = true;
    scan->pending = 3;
    scan->first_now_ms = 7;
    scan->passes.resize(2);
    table.remove(scan);
  }
}

TEST(scan_table, lists_the_scans_under_way) {
  scan_table table;
  const auto first = table.add();
  const auto second = table.add();
  table.remove(first);
  EXPECT_EQ(table.unfinished(), std::vector{second});
}

}  // namespace
}  // namespace scanhost::runner
