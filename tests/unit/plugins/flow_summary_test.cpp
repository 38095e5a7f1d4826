// SPDX-License-Identifier: Apache-2.0
//
// The state of a flow, from its members.
#include "flow_projector/flow_summary.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace ff {
namespace {

flow_summary of(std::initializer_list<std::string_view> states) {
  flow_summary summary;
  for (const auto state : states) summary.count(state);
  return summary;
}

TEST(flow_summary, is_completed_when_all_completed_or_were_skipped) {
  EXPECT_EQ(of({"completed", "skipped"}).flow_state(), "completed");
  EXPECT_TRUE(of({"completed", "skipped"}).all_ended());
}

TEST(flow_summary, is_failed_when_all_ended_and_one_did_not_complete) {
  EXPECT_EQ(of({"completed", "failed"}).flow_state(), "failed");
  EXPECT_EQ(of({"cancelled"}).flow_state(), "failed");
  EXPECT_EQ(of({"expired", "skipped"}).flow_state(), "failed");
}

TEST(flow_summary, is_running_before_it_is_blocked) {
  EXPECT_EQ(of({"active", "suspended", "completed"}).flow_state(), "running");
  EXPECT_EQ(of({"suspended", "waiting"}).flow_state(), "blocked");
  EXPECT_EQ(of({"rate_limited"}).flow_state(), "blocked");
  EXPECT_EQ(of({"waiting_children", "failed"}).flow_state(), "blocked");
}

TEST(flow_summary, is_open_otherwise) {
  EXPECT_EQ(of({}).flow_state(), "open");
  EXPECT_EQ(of({"waiting"}).flow_state(), "open");
  EXPECT_EQ(of({"completed", "unknown"}).flow_state(), "open");
}

TEST(flow_summary, counts_members_of_no_category_too) {
  const auto summary = of({"completed", "", "odd"});
  EXPECT_EQ(summary.counted(), 3u);
  EXPECT_EQ(summary.of(0), 1u);
  EXPECT_FALSE(summary.all_ended());
}

}  // namespace
}  // namespace ff
