// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "execution.hpp"

namespace scanhost::demo {
namespace {

void leave_blocked(const execution& e) {
  for (const auto* reason : {"dependencies", "budget", "quota", "route", "operator"})
    e.leave_lane("blocked:" + std::string(reason));
}

void leave_all_but_terminal(const execution& e) {
  for (const auto* lane : {"eligible", "delayed", "active", "suspended"}) e.leave_lane(lane);
  leave_blocked(e);
  for (const auto* index : {"lease_expiry", "suspension_timeout", "attempt_timeout", "execution_deadline"})
    e.leave(index);
  e.w.leave(e.worker_leases(), e.id);
}

void make_runnable(const execution& e, const text& when) {
  e.become_eligible({});
  e.set_changed(when);
}

void end_attempt(const execution& e, std::string_view state, std::string_view reason, const text& when) {
  e.w.set(e.attempt_key(), {{"attempt_state", state}, {"ended_at", when}, {"failure_reason", reason}});
}

void close_suspension(const execution& e, std::string_view reason, const text& when) {
  e.w.set(e.key("suspension:current"), {{"closed_at", when}, {"close_reason", reason}});
}

void close_waitpoint(const execution& e, std::string_view id, std::string_view reason, const text& when) {
  const auto key = key_of("ff:wp", e.tag, id);
  e.w.set(key, {{"state", "closed"}, {"closed_at", when}, {"close_reason", reason}});
  e.w.set(key + ":condition", {{"closed", 1}, {"closed_at", when}, {"closed_reason", reason}});
}

// A composite condition has a second waitpoint, and keeps which of its members are satisfied.
void close_waiting(const execution& e, std::string_view reason, const text& when) {
  close_suspension(e, reason, when);
  close_waitpoint(e, e.waitpoint_id, reason, when);
  const auto suspension = e.key("suspension:current");
  const auto listed = e.w.get(suspension, "additional_waitpoints_json");
  if (!listed.empty()) close_waitpoint(e, listed.substr(18, 36), reason, when);
  for (const auto* part : {":satisfied_set", ":satisfied_set:signals", ":member_map"})
    e.w.drop(suspension + part);
}

// Ends it from outside, whatever its state.
void force_end(const execution& e, std::string_view outcome, const text& when) {
  const bool was_claimed = !e.get("current_attempt_index").empty();
  leave_all_but_terminal(e);
  e.end(outcome, was_claimed ? "attempt_terminal" : "", when);
  e.set_each("", {"current_lease_id", "current_worker_id", "current_worker_instance_id", "lease_expires_at",
                  "current_suspension_id", "current_waitpoint_id"});
  e.w.drop(e.key("lease:current"));
}

}  // namespace

void expect_promoted(const execution& e, const text& when) {
  make_runnable(e, when);
  e.set_each("", {"delay_until"});
  e.leave_lane("delayed");
}

void expect_cancelled(const execution& e, std::string_view reason, const text& when) {
  const auto phase = e.get("lifecycle_phase");
  if (phase == "active" || phase == "suspended") {
    end_attempt(e, "ended_cancelled", "cancelled: " + std::string(reason), when);
    e.close_output("attempt_cancelled", when);
  }
  if (phase == "active") e.release_lease("cancelled", when);
  if (phase == "suspended") close_waiting(e, "cancelled", when);
  force_end(e, "cancelled", when);
  e.set({{"cancellation_reason", reason}, {"cancelled_by", "operator_override"}});
  e.set_each("", {"lease_last_renewed_at", "lease_renewal_deadline"});
}

void expect_expired(const execution& e, std::string_view reason, const text& when) {
  const auto phase = e.get("lifecycle_phase");
  const auto why = "expired:" + std::string(reason);
  if (phase == "active" || phase == "suspended") {
    end_attempt(e, "ended_failure", reason, when);
    e.close_output("expired", when);
  }
  if (phase == "active") e.release_lease(why, when);
  if (phase == "suspended") close_suspension(e, why, when);  // its waitpoint stays open
  force_end(e, "expired", when);
  e.set({{"failure_reason", reason}});
}

void expect_suspension_ended(const execution& e, std::string_view behavior, const text& when) {
  const auto suspension = e.key("suspension:current");
  e.leave("suspension_timeout");
  if (behavior == "escalate") {
    e.set({{"blocking_reason", "paused_by_operator"},
           {"last_mutation_at", when},
           {"blocking_detail", "suspension escalated: timeout at " + e.w.get(suspension, "timeout_at")}});
    e.w.set(suspension, "reason_code", "waiting_for_operator_review");
    return e.w.set_each(suspension, "", {"timeout_at", "timeout_behavior"});
  }
  e.leave_lane("suspended");
  e.set_each("", {"current_suspension_id", "current_waitpoint_id"});
  if (behavior.starts_with("auto_resume")) {
    close_waiting(e, "timed_out_auto_resume", when);
    e.set({{"attempt_state", "attempt_interrupted"}});
    return make_runnable(e, when);
  }
  const bool cancel = behavior == "cancel", expire = behavior == "expire";
  const auto reason = "suspension_timeout:" + std::string(behavior);
  close_waiting(e, "timed_out_" + std::string(cancel || expire ? behavior : "fail"), when);
  end_attempt(e, cancel ? "ended_cancelled" : "ended_failure", reason, when);
  e.w.set_each(e.attempt_key(), "", {"suspended_at", "suspension_id"});
  e.close_output("suspension_timeout", when);
  e.end(cancel ? "cancelled" : expire ? "expired" : "failed", "attempt_terminal", when);
  e.set({{"failure_reason", reason}});
}

void expect_unblocked(const execution& e, const text& when) {
  leave_blocked(e);
  make_runnable(e, when);
}

void expect_skipped(const execution& e, const text& when) {
  e.leave_lane("blocked:dependencies");
  e.end("skipped", "none", when);
}

}  // namespace scanhost::demo
