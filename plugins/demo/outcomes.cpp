// SPDX-License-Identifier: Apache-2.0
//
// The effects of the server-side functions on one execution.
#include "outcomes.hpp"

#include <array>
#include <string>

#include "keys.hpp"

namespace scanhost::demo {
namespace {

using namespace std::string_view_literals;

constexpr std::array blocked_indexes{"blocked:dependencies"sv, "blocked:budget"sv, "blocked:quota"sv,
                                     "blocked:route"sv, "blocked:operator"sv};

std::string in_core(const world& w, const execution& e, std::string_view field) {
  return w.get(e.core(), field);
}

bool was_claimed(const world& w, const execution& e) {
  return !in_core(w, e, "current_attempt_index").empty();
}

void close_output(world& w, const execution& e, const text& when, std::string_view reason) {
  if (w.has(e.output_meta())) w.set(e.output_meta(), {{"closed_at", when}, {"closed_reason", reason}});
}

void end_attempt(world& w, const execution& e, const text& when, std::string_view state,
                 std::string_view reason) {
  if (!was_claimed(w, e)) return;
  w.set(e.attempt_hash(), {{"attempt_state", state}, {"ended_at", when}, {"failure_reason", reason}});
}

void release_lease(world& w, const execution& e, const text& when, std::string_view reason) {
  w.drop(e.key("lease:current"));
  w.append(e.key("lease:history"), {{"event", "released"},
                                    {"lease_id", in_core(w, e, "current_lease_id")},
                                    {"lease_epoch", in_core(w, e, "current_lease_epoch")},
                                    {"attempt_index", in_core(w, e, "current_attempt_index")},
                                    {"reason", reason},
                                    {"ts", when}});
}

void runnable_again(world& w, const execution& e, const text& when) {
  w.set(e.core(), {{"lifecycle_phase", "runnable"},
                   {"ownership_state", "unowned"},
                   {"eligibility_state", "eligible_now"},
                   {"blocking_reason", "waiting_for_worker"},
                   {"blocking_detail", ""},
                   {"terminal_outcome", "none"},
                   {"public_state", "waiting"},
                   {"last_transition_at", when},
                   {"last_mutation_at", when}});
  w.enter(e.lane_index("eligible"), e.id, e.eligible_score());
}

void ended(world& w, const execution& e, const text& when, std::string_view outcome) {
  w.set(e.core(), {{"lifecycle_phase", "terminal"},
                   {"ownership_state", "unowned"},
                   {"eligibility_state", "not_applicable"},
                   {"blocking_reason", "none"},
                   {"blocking_detail", ""},
                   {"terminal_outcome", outcome},
                   {"public_state", public_state_of(outcome)},
                   {"completed_at", when},
                   {"last_transition_at", when},
                   {"last_mutation_at", when}});
  w.enter(e.lane_index("terminal"), e.id, when);
}

void forget_holder(world& w, const execution& e) {
  for (const auto field : {"current_lease_id", "current_worker_id", "current_worker_instance_id",
                           "lease_expires_at", "current_suspension_id", "current_waitpoint_id"}) {
    w.set(e.core(), field, "");
  }
}

void close_waiting(world& w, const execution& e, const text& when, std::string_view reason) {
  w.set(e.waitpoint(), {{"state", "closed"}, {"closed_at", when}, {"close_reason", reason}});
  w.set(e.waitpoint() + ":condition", {{"closed", 1}, {"closed_at", when}, {"closed_reason", reason}});
  w.set(e.key("suspension:current"), {{"closed_at", when}, {"close_reason", reason}});
}

void leave_worker(world& w, const execution& e) {
  w.leave(worker_key(e.tag, in_core(w, e, "current_worker_instance_id")), e.id);
}

}  // namespace

void expect_lease_expired(world& w, const execution& e, unsigned step) {
  const auto when = moment(step);
  w.set(e.core(), {{"ownership_state", "lease_expired_reclaimable"},
                   {"blocking_reason", "waiting_for_worker"},
                   {"blocking_detail", "lease expired, awaiting reclaim"},
                   {"attempt_state", "attempt_interrupted"},
                   {"public_state", "active"},
                   {"lease_expired_at", when},
                   {"last_mutation_at", when}});
  w.append(e.key("lease:history"), {{"event", "expired"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"attempt_index", e.attempt},
                                    {"attempt_id", e.attempt_id},
                                    {"worker_id", e.worker},
                                    {"worker_instance_id", e.instance},
                                    {"ts", when}});
  close_output(w, e, when, "lease_expired");
}

void expect_promoted(world& w, const execution& e, unsigned step) {
  runnable_again(w, e, moment(step));
  w.set(e.core(), "delay_until", "");
  w.leave(e.lane_index("delayed"), e.id);
}

void expect_cancelled(world& w, const execution& e, std::string_view reason, unsigned step) {
  const auto when = moment(step);
  const auto phase = in_core(w, e, "lifecycle_phase");
  if (phase == "active" || phase == "suspended") {
    end_attempt(w, e, when, "ended_cancelled", "cancelled: " + std::string(reason));
    close_output(w, e, when, "attempt_cancelled");
  }
  if (phase == "active") release_lease(w, e, when, "cancelled");
  if (phase == "suspended") close_waiting(w, e, when, "cancelled");
  for (const auto index : {"eligible", "delayed", "active", "suspended"}) w.leave(e.lane_index(index), e.id);
  for (const auto index : blocked_indexes) w.leave(e.lane_index(index), e.id);
  for (const auto index : {"lease_expiry", "suspension_timeout", "attempt_timeout", "execution_deadline"})
    w.leave(e.index(index), e.id);
  leave_worker(w, e);
  ended(w, e, when, "cancelled");
  if (was_claimed(w, e)) w.set(e.core(), "attempt_state", "attempt_terminal");
  forget_holder(w, e);
  w.set(e.core(), {{"cancellation_reason", reason},
                   {"cancelled_by", "operator_override"},
                   {"lease_last_renewed_at", ""},
                   {"lease_renewal_deadline", ""}});
}

void expect_expired(world& w, const execution& e, std::string_view reason, unsigned step) {
  const auto when = moment(step);
  const auto phase = in_core(w, e, "lifecycle_phase");
  if (phase == "active" || phase == "suspended") {
    end_attempt(w, e, when, "ended_failure", reason);
    close_output(w, e, when, "expired");
  }
  if (phase == "active") {
    release_lease(w, e, when, "expired:" + std::string(reason));
    leave_worker(w, e);
    w.leave(e.index("lease_expiry"), e.id);
    w.leave(e.lane_index("active"), e.id);
  } else if (phase == "suspended") {
    w.set(e.key("suspension:current"),
          {{"closed_at", when}, {"close_reason", "expired:" + std::string(reason)}});
    w.leave(e.lane_index("suspended"), e.id);
    w.leave(e.index("suspension_timeout"), e.id);
  } else {
    for (const auto index : {"eligible", "delayed"}) w.leave(e.lane_index(index), e.id);
    for (const auto index : blocked_indexes) w.leave(e.lane_index(index), e.id);
  }
  w.leave(e.index("attempt_timeout"), e.id);
  w.leave(e.index("execution_deadline"), e.id);
  ended(w, e, when, "expired");
  if (was_claimed(w, e)) w.set(e.core(), "attempt_state", "attempt_terminal");
  forget_holder(w, e);
  w.set(e.core(), "failure_reason", reason);
}

void expect_suspension_ended(world& w, const execution& e, std::string_view behaviour, unsigned step) {
  const auto when = moment(step);
  w.leave(e.index("suspension_timeout"), e.id);
  if (behaviour == "escalate") {
    w.set(e.core(), {{"blocking_reason", "paused_by_operator"},
                     {"last_mutation_at", when},
                     {"blocking_detail", "suspension escalated: timeout at " +
                                             w.get(e.key("suspension:current"), "timeout_at")}});
    w.set(e.key("suspension:current"),
          {{"reason_code", "waiting_for_operator_review"}, {"timeout_at", ""}, {"timeout_behavior", ""}});
    return;
  }
  w.leave(e.lane_index("suspended"), e.id);
  w.set(e.core(), {{"current_suspension_id", ""}, {"current_waitpoint_id", ""}});
  if (behaviour.starts_with("auto_resume")) {
    close_waiting(w, e, when, "timed_out_auto_resume");
    runnable_again(w, e, when);
    w.set(e.core(), "attempt_state", "attempt_interrupted");
    return;
  }
  const std::string_view outcome = behaviour == "cancel"   ? "cancelled"
                                   : behaviour == "expire" ? "expired"
                                                           : "failed";
  const auto closing = behaviour == "cancel" || behaviour == "expire" ? "timed_out_" + std::string(behaviour)
                                                                      : std::string("timed_out_fail");
  const auto reason = "suspension_timeout:" + std::string(behaviour);
  close_waiting(w, e, when, closing);
  end_attempt(w, e, when, behaviour == "cancel" ? "ended_cancelled" : "ended_failure", reason);
  w.set(e.attempt_hash(), {{"suspended_at", ""}, {"suspension_id", ""}});
  close_output(w, e, when, "suspension_timeout");
  ended(w, e, when, outcome);
  w.set(e.core(), {{"attempt_state", "attempt_terminal"}, {"failure_reason", reason}});
}

void expect_unblocked(world& w, const execution& e, unsigned step) {
  for (const auto index : blocked_indexes) w.leave(e.lane_index(index), e.id);
  runnable_again(w, e, moment(step));
}

void expect_satisfied(world& w, const execution& e, unsigned step) { expect_unblocked(w, e, step); }

void expect_skipped(world& w, const execution& e, unsigned step) {
  w.leave(e.lane_index("blocked:dependencies"), e.id);
  ended(w, e, moment(step), "skipped");
  w.set(e.core(), "attempt_state", "none");
}

}  // namespace scanhost::demo
