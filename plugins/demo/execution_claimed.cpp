// SPDX-License-Identifier: Apache-2.0
//
// An execution from its claim on: active, suspended, finished; as the engine's own functions leave it.
#include "execution_parts.hpp"
#include "keys.hpp"

namespace scanhost::demo {

void make_active(world& w, const execution& e, std::int64_t expires, dice& chance) {
  w.leave(e.lane_index("eligible"), e.id);
  set_states(w, e, {"active", "leased", "not_applicable", "none", "none", "running_attempt", "active"});
  write_attempt(w, e, chance);
  count_attempt(w, e);
  moved(w, e, e.claimed_at);
  const auto renewed = expires - 30'000;  // leases of 30 s
  w.set(e.core(), {{"current_lease_id", e.lease_id},
                   {"current_worker_id", e.worker},
                   {"current_worker_instance_id", e.instance},
                   {"lease_acquired_at", e.claimed_at},
                   {"lease_expires_at", expires},
                   {"lease_last_renewed_at", renewed},
                   {"lease_renewal_deadline", expires - 10'000},
                   {"progress_pct", chance.between(0, 99)},
                   {"progress_message", "working on " + chance.hex(8)},
                   {"progress_updated_at", e.claimed_at + 1000}});
  w.set(e.key("lease:current"), {{"lease_id", e.lease_id},
                                 {"lease_epoch", e.epoch},
                                 {"execution_id", e.id},
                                 {"attempt_id", e.attempt_id},
                                 {"worker_id", e.worker},
                                 {"worker_instance_id", e.instance},
                                 {"acquired_at", e.claimed_at},
                                 {"expires_at", expires},
                                 {"last_renewed_at", renewed},
                                 {"renewal_deadline", expires - 10'000}});
  w.enter(e.lane_index("active"), e.id, e.claimed_at + 30'000);  // renewals do not move it
  w.enter(e.index("lease_expiry"), e.id, expires);
  w.join(worker_key(e.tag, e.instance), e.id);
}

void mark_lease_expired(world& w, const execution& e, std::int64_t when) {
  w.set(e.core(), {{"ownership_state", "lease_expired_reclaimable"},
                   {"blocking_reason", "waiting_for_worker"},
                   {"blocking_detail", "lease expired, awaiting reclaim"},
                   {"attempt_state", "attempt_interrupted"},
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
  if (!w.has(e.output_meta())) return;
  w.set(e.output_meta(), {{"closed_at", when}, {"closed_reason", "lease_expired"}});
}

void revoke_lease(world& w, const execution& e, std::int64_t when) {
  w.set(e.core(), {{"ownership_state", "lease_revoked"},
                   {"blocking_reason", "paused_by_operator"},
                   {"attempt_state", "attempt_interrupted"},
                   {"lease_revoked_at", when},
                   {"lease_revoke_reason", "host drained for maintenance"},
                   {"last_mutation_at", when}});
  w.append(e.key("lease:history"), {{"event", "revoked"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"reason", "host drained for maintenance"},
                                    {"ts", when}});
  w.leave(e.index("lease_expiry"), e.id);
  w.leave(worker_key(e.tag, e.instance), e.id);
}

void make_suspended(world& w, const execution& e, std::string_view behaviour, std::int64_t timeout,
                    std::int64_t since, dice& chance) {
  w.leave(e.lane_index("eligible"), e.id);
  const text until = timeout == 0 ? text("") : text(timeout);
  set_states(w, e,
             {"suspended", "unowned", "not_applicable", "waiting_for_approval", "none", "attempt_interrupted",
              "suspended"},
             "suspended: waitpoint " + e.waitpoint_id + " awaiting approval");
  write_attempt(w, e, chance);
  count_attempt(w, e);
  moved(w, e, since);
  w.set(e.core(), {{"current_suspension_id", e.suspension_id}, {"current_waitpoint_id", e.waitpoint_id}});
  w.set(e.attempt_hash(),
        {{"attempt_state", "suspended"}, {"suspended_at", since}, {"suspension_id", e.suspension_id}});
  w.append(e.key("lease:history"), {{"event", "released"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"attempt_index", e.attempt},
                                    {"reason", "suspend"},
                                    {"ts", since}});
  const auto name = "wpk:" + chance.hex(12);
  w.set(e.key("suspension:current"), {{"suspension_id", e.suspension_id},
                                      {"execution_id", e.id},
                                      {"attempt_index", e.attempt},
                                      {"waitpoint_id", e.waitpoint_id},
                                      {"waitpoint_key", name},
                                      {"requested_by", "worker"},
                                      {"created_at", since},
                                      {"reason_code", "waiting_for_approval"},
                                      {"timeout_at", until},
                                      {"timeout_behavior", behaviour},
                                      {"resume_condition_json", R"({"condition_type":"signal_set"})"},
                                      {"resume_policy_json", R"({"resume_target":"runnable"})"},
                                      {"continuation_metadata_pointer", ""},
                                      {"buffered_signal_summary_json", ""},
                                      {"last_signal_at", ""},
                                      {"satisfied_at", ""},
                                      {"closed_at", ""},
                                      {"close_reason", ""}});
  w.set(e.waitpoint(), {{"waitpoint_id", e.waitpoint_id},
                        {"execution_id", e.id},
                        {"attempt_index", e.attempt},
                        {"suspension_id", e.suspension_id},
                        {"waitpoint_key", name},
                        {"waitpoint_token", "k1:" + chance.hex(40)},
                        {"state", "active"},
                        {"created_at", since},
                        {"activated_at", since},
                        {"satisfied_at", ""},
                        {"closed_at", ""},
                        {"expires_at", until},
                        {"last_signal_at", ""},
                        {"close_reason", ""},
                        {"signal_count", 0},
                        {"matched_signal_count", 0}});
  w.set(e.waitpoint() + ":condition", {{"condition_type", "signal_set"},
                                       {"match_mode", "any"},
                                       {"minimum_signal_count", 1},
                                       {"total_matchers", 1},
                                       {"satisfied_count", 0},
                                       {"closed", 0},
                                       {"closed_at", ""},
                                       {"closed_reason", ""},
                                       {"updated_at", since},
                                       {"matcher:0:name", "approved"},
                                       {"matcher:0:satisfied", 0},
                                       {"matcher:0:signal_id", ""}});
  w.put(e.key("waitpoints"), members{{e.waitpoint_id}});
  w.enter(e.lane_index("suspended"), e.id, timeout == 0 ? text("9999999999999") : until);
  if (timeout != 0) w.enter(e.index("suspension_timeout"), e.id, until);
}

void make_terminal(world& w, const execution& e, std::string_view outcome, std::int64_t when, dice& chance) {
  w.leave(e.lane_index("eligible"), e.id);
  set_states(w, e,
             {"terminal", "unowned", "not_applicable", "none", outcome, "attempt_terminal",
              public_state_of(outcome)});
  write_attempt(w, e, chance);
  count_attempt(w, e);
  moved(w, e, when);
  w.set(e.core(), "completed_at", when);
  w.set(e.attempt_hash(),
        {{"attempt_state", outcome == "success" ? "ended_success" : "ended_failure"}, {"ended_at", when}});
  if (outcome == "success")
    w.put(e.key("result"), plain{R"({"ok":true,"object":")" + chance.hex(32) + "\"}"});
  if (w.has(e.output_meta()))
    w.set(e.output_meta(), {{"closed_at", when}, {"closed_reason", "attempt_" + std::string(outcome)}});
  w.append(e.key("lease:history"), {{"event", "released"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"attempt_index", e.attempt},
                                    {"reason", outcome},
                                    {"ts", when}});
  w.enter(e.lane_index("terminal"), e.id, when);
}

std::string_view public_state_of(std::string_view outcome) {
  return outcome == "success" ? "completed" : outcome;
}

}  // namespace scanhost::demo
