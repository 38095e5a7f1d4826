// SPDX-License-Identifier: Apache-2.0
//
// What is expected of an execution, against the contract's tables.
#include <gmock/gmock.h>

#include "demo/execution.hpp"

namespace scanhost::demo {
namespace {

struct fixture {
  dice chance{11};
  world w;
  execution who{w, chance, 7, 1'700'000'000'000};

  fixture() { who.create(); }
  std::string core(std::string_view field) const { return w.get(who.core(), field); }
  bool in(const std::string& index) const { return w.contents().contains({index, who.id}); }
  std::size_t history() const { return w.contents().at({who.key("lease:history"), {}}).entries.size(); }
  bool is_moment(const std::string& key, const char* field) const {
    return w.contents().at({key, {}}).items.at(field).step.has_value();
  }
};

constexpr std::int64_t later = 1'700'000'090'000;

TEST(execution, has_all_the_fields_that_real_ones_have) {
  fixture f;
  EXPECT_GE(f.w.contents().at({f.who.core(), {}}).items.size(), 49U);
  for (const auto part : {"payload", "policy", "tags"}) EXPECT_TRUE(f.w.has(f.who.key(part))) << part;
}
TEST(execution, is_in_one_lane_index_of_its_state) {
  fixture f;
  f.who.activate(later);
  EXPECT_TRUE(f.in(f.who.lane_index("active")));
  EXPECT_TRUE(f.in(f.who.index("lease_expiry")));
  EXPECT_FALSE(f.in(f.who.lane_index("eligible")));
}
TEST(lease_expired, keeps_the_lease_and_the_index_entry) {
  fixture f;
  f.who.activate(later);
  f.who.expire_lease(moment());
  EXPECT_EQ(f.core("ownership_state"), "lease_expired_reclaimable");
  EXPECT_EQ(f.core("attempt_state"), "attempt_interrupted");
  EXPECT_EQ(f.core("current_lease_id"), f.who.lease_id);
  EXPECT_EQ(f.core("last_transition_at"), std::to_string(f.who.claimed_at));
  EXPECT_TRUE(f.is_moment(f.who.core(), "lease_expired_at"));
  EXPECT_TRUE(f.in(f.who.index("lease_expiry")));
  EXPECT_TRUE(f.w.has(f.who.key("lease:current")));
  EXPECT_EQ(f.history(), 2U);
}
TEST(suspension_ended, closes_the_second_waitpoint_of_a_composite_condition_and_forgets_its_members) {
  fixture f;
  const auto suspension = f.who.key("suspension:current"), other = f.chance.uuid();
  f.who.suspend("fail", later, later - 1000);
  f.w.set(suspension, "additional_waitpoints_json", R"([{"waitpoint_id":")" + other + R"("}])");
  f.w.put_set(suspension + ":satisfied_set", {"approved"});
  expect_suspension_ended(f.who, "fail");
  EXPECT_EQ(f.w.get("ff:wp:{fp:7}:" + other, "close_reason"), "timed_out_fail");
  EXPECT_EQ(f.w.get("ff:wp:{fp:7}:" + other + ":condition", "closed"), "1");
  EXPECT_FALSE(f.w.has(suspension + ":satisfied_set"));
}
TEST(promoted, keeps_what_the_next_claim_must_know) {
  fixture f;
  f.who.delay(delay_reason::retry, later);
  expect_promoted(f.who);
  EXPECT_EQ(f.core("attempt_state"), "pending_retry_attempt");
  EXPECT_EQ(f.core("public_state"), "waiting");
  EXPECT_EQ(f.core("delay_until"), "");
  EXPECT_FALSE(f.in(f.who.lane_index("delayed")));
  EXPECT_TRUE(f.in(f.who.lane_index("eligible")));
}
TEST(cancelled, ends_the_attempt_and_the_lease_of_an_active_one) {
  fixture f;
  f.who.activate(later);
  expect_cancelled(f.who, "why");
  EXPECT_EQ(f.core("public_state"), "cancelled");
  EXPECT_EQ(f.core("cancelled_by"), "operator_override");
  EXPECT_EQ(f.core("current_worker_instance_id"), "");
  EXPECT_EQ(f.core("current_lease_epoch"), std::to_string(f.who.epoch));
  EXPECT_EQ(f.w.get(f.who.attempt_key(), "failure_reason"), "cancelled: why");
  EXPECT_FALSE(f.w.has(f.who.key("lease:current")));
  EXPECT_FALSE(f.in(f.who.index("lease_expiry")));
  EXPECT_TRUE(f.in(f.who.lane_index("terminal")));
  EXPECT_TRUE(f.in(f.who.index("all_executions")));
  EXPECT_EQ(f.history(), 2U);
}
TEST(cancelled, closes_what_a_suspended_one_waits_for) {
  fixture f;
  f.who.suspend("fail", later, 1'600'000'000'000);
  expect_cancelled(f.who, "why");
  EXPECT_EQ(f.w.get(f.who.waitpoint(), "state"), "closed");
  EXPECT_EQ(f.w.get(f.who.waitpoint("condition"), "closed_reason"), "cancelled");
  EXPECT_EQ(f.w.get(f.who.key("suspension:current"), "close_reason"), "cancelled");
  EXPECT_FALSE(f.in(f.who.index("suspension_timeout")));
}
TEST(cancelled, leaves_the_attempt_of_a_runnable_one) {
  fixture f;
  f.who.delay(delay_reason::retry, later);
  expect_cancelled(f.who, "why");
  EXPECT_EQ(f.w.get(f.who.attempt_key(), "failure_reason"), "upstream returned 503");
  EXPECT_EQ(f.core("attempt_state"), "attempt_terminal");
}
TEST(expired, leaves_the_waitpoint_of_a_suspended_one_open) {
  fixture f;
  f.who.suspend("fail", later, 1'600'000'000'000);
  expect_expired(f.who, "execution_deadline");
  EXPECT_EQ(f.w.get(f.who.waitpoint(), "state"), "active");
  EXPECT_EQ(f.w.get(f.who.key("suspension:current"), "close_reason"), "expired:execution_deadline");
  EXPECT_EQ(f.core("failure_reason"), "execution_deadline");
}
TEST(suspension_ended, differs_by_behavior) {
  const auto state_after = [](std::string_view behavior) {
    fixture f;
    f.who.suspend(behavior, later, 1'600'000'000'000);
    expect_suspension_ended(f.who, behavior);
    return f.core("public_state") + "/" + f.w.get(f.who.key("suspension:current"), "close_reason");
  };
  EXPECT_EQ(state_after("fail"), "failed/timed_out_fail");
  EXPECT_EQ(state_after("cancel"), "cancelled/timed_out_cancel");
  EXPECT_EQ(state_after("expire"), "expired/timed_out_expire");
  EXPECT_EQ(state_after("auto_resume"), "waiting/timed_out_auto_resume");
  EXPECT_EQ(state_after("auto_resume_with_timeout_signal"), "waiting/timed_out_auto_resume");
  EXPECT_EQ(state_after("escalate"), "suspended/");
}

}  // namespace
}  // namespace scanhost::demo
