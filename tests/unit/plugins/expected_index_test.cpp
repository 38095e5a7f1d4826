// SPDX-License-Identifier: Apache-2.0
//
// The index in which an execution belongs.
#include "index_reconciler/expected_index.hpp"

#include <gtest/gtest.h>

namespace ff {
namespace {

TEST(expected_index, follows_the_eligibility_of_a_runnable_execution) {
  EXPECT_EQ(expected_index("runnable", "eligible_now", ""), "eligible");
  EXPECT_EQ(expected_index("runnable", "not_eligible_until_time", "leased"), "delayed");
  EXPECT_EQ(expected_index("runnable", "blocked_by_dependencies", ""), "blocked:dependencies");
  EXPECT_EQ(expected_index("runnable", "blocked_by_operator", ""), "blocked:operator");
}

TEST(expected_index, is_the_phase_of_a_suspended_or_ended_one) {
  EXPECT_EQ(expected_index("suspended", "anything", "unowned"), "suspended");
  EXPECT_EQ(expected_index("terminal", "", ""), "terminal");
}

TEST(expected_index, is_checked_for_an_active_one_only_while_it_is_leased) {
  EXPECT_EQ(expected_index("active", "not_applicable", "leased"), "active");
  EXPECT_EQ(expected_index("active", "not_applicable", "lease_expired_reclaimable"), "");
  EXPECT_EQ(expected_index("active", "not_applicable", "lease_revoked"), "");
}

TEST(expected_index, expects_nothing_of_what_it_does_not_know) {
  EXPECT_EQ(expected_index("runnable", "blocked_by_lane_state", ""), "");
  EXPECT_EQ(expected_index("runnable", "", ""), "");
  EXPECT_EQ(expected_index("submitted", "eligible_now", ""), "");
  EXPECT_EQ(expected_index("", "", ""), "");
}

}  // namespace
}  // namespace ff
