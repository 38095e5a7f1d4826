// SPDX-License-Identifier: Apache-2.0
#include "runner/scans.hpp"

#include <gtest/gtest.h>

#include <set>

namespace scanhost::runner {
namespace {

// So many come and go; their handles.
std::set<const scanhost_scan*> use_up(scans& all, int count) {
  std::set<const scanhost_scan*> handles;
  for (int i = 0; i < count; ++i) {
    const auto scan = all.add();
    handles.insert(scan.get());
    all.remove(scan);
  }
  return handles;
}

TEST(scans, are_found_by_their_handles_while_they_are_under_way) {
  scans all;
  const auto scan = all.add();
  EXPECT_EQ(all.find(scan.get()), scan);
  EXPECT_FALSE(all.empty());
  all.remove(scan);
  EXPECT_EQ(all.find(scan.get()), nullptr);
  EXPECT_TRUE(all.empty());
}

TEST(scans, do_not_know_a_handle_that_was_never_given_out) {
  scans all;
  const auto scan = all.add();
  scanhost_scan other;
  EXPECT_EQ(all.find(&other), nullptr);
  EXPECT_EQ(all.find(nullptr), nullptr);
}

TEST(scans, take_the_memory_of_those_that_are_over) {
  scans all;
  EXPECT_LT(use_up(all, 1000).size(), 40u);
}

TEST(scans, do_not_soon_give_a_handle_out_again) {
  scans all;
  const auto first = use_up(all, 1);
  EXPECT_FALSE(use_up(all, 32).contains(*first.begin()));
}

TEST(scans, leave_one_alone_that_somebody_still_waits_for) {
  scans all;
  const auto waited_for = all.add();
  all.remove(waited_for);
  EXPECT_FALSE(use_up(all, 1000).contains(waited_for.get()));
  EXPECT_TRUE(waited_for->over);
}

TEST(scans, begin_as_new) {
  scans all;
  for (int i = 0; i < 100; ++i) {
    const auto scan = all.add();
    ASSERT_FALSE(scan->over);
    ASSERT_FALSE(scan->cancelled);
    ASSERT_EQ(scan->pending, 0u);
    ASSERT_TRUE(scan->passes.empty());
    ASSERT_EQ(scan->looked_ms, 0);
    scan->cancelled = true;
    scan->pending = 3;
    scan->looked_ms = 7;
    scan->passes.resize(2);
    all.remove(scan);
  }
}

TEST(scans, list_those_under_way) {
  scans all;
  const auto first = all.add();
  const auto second = all.add();
  all.remove(first);
  EXPECT_EQ(all.all(), std::vector{second});
}

}  // namespace
}  // namespace scanhost::runner
