// SPDX-License-Identifier: Apache-2.0
//
// An execution in the states that it goes through, as the engine's own functions leave it.
#include <array>

#include "execution.hpp"
#include "keys.hpp"

namespace scanhost::demo {
namespace {

struct vector_of_states {
  std::string_view phase, ownership, eligibility, reason, outcome, attempt, label;
};

void set_states(world& w, const execution& e, const vector_of_states& now, std::string detail = {}) {
  w.set(e.core(), {{"lifecycle_phase", now.phase},
                   {"ownership_state", now.ownership},
                   {"eligibility_state", now.eligibility},
                   {"blocking_reason", now.reason},
                   {"blocking_detail", std::move(detail)},
                   {"terminal_outcome", now.outcome},
                   {"attempt_state", now.attempt},
                   {"public_state", now.label}});
}

void moved(world& w, const execution& e, std::int64_t when) {
  w.set(e.core(), {{"last_transition_at", when}, {"last_mutation_at", when}});
}

// The attempt's output: a few frames, and the stream's metadata, which exists from the first frame on.
void write_output(world& w, const execution& e, dice& chance) {
  const auto count = chance.between(0, 3);
  if (count == 0) return;
  const auto stream = stream_key(e.tag, e.id, std::to_string(e.attempt));
  std::int64_t bytes = 0;
  for (std::int64_t at = 0; at < count; ++at) {
    const auto payload =
        R"({"progress":)" + std::to_string(at * 20) + R"(,"note":")" + chance.hex(24) + "\"}";
    bytes += static_cast<std::int64_t>(payload.size());
    w.append(stream, {{"type", "progress"}, {"payload", payload}, {"ts", e.claimed_at + 1000 * (at + 1)}});
  }
  w.set(e.output_meta(), {{"stream_id", chance.uuid()},
                          {"execution_id", e.id},
                          {"attempt_id", e.attempt_id},
                          {"attempt_index", e.attempt},
                          {"created_at", e.claimed_at + 1000},
                          {"closed_at", ""},
                          {"closed_reason", ""},
                          {"durability_mode", "durable"},
                          {"retention_maxlen", "1000"},
                          {"last_sequence", count},
                          {"frame_count", count},
                          {"total_bytes", bytes},
                          {"last_frame_at", e.claimed_at + 1000 * count}});
}

void write_attempt(world& w, const execution& e, dice& chance) {
  const std::string_view type = e.attempt > 0 ? "retry" : "initial";
  w.set(e.attempt_hash(), {{"attempt_id", e.attempt_id},
                           {"execution_id", e.id},
                           {"attempt_index", e.attempt},
                           {"attempt_type", type},
                           {"lease_id", e.lease_id},
                           {"lease_epoch", e.epoch},
                           {"worker_id", e.worker},
                           {"worker_instance_id", e.instance},
                           {"created_at", e.claimed_at},
                           {"started_at", e.claimed_at},
                           {"attempt_state", "started"}});
  if (e.attempt > 0) {
    w.set(e.attempt_hash(), {{"retry_reason", "worker_error"}, {"previous_attempt_index", e.attempt - 1}});
  }
  w.set(e.attempt_hash() + ":usage", {{"input_tokens", chance.between(10, 4000)},
                                      {"output_tokens", chance.between(1, 900)},
                                      {"wall_time_ms", chance.between(100, 60'000)}});
  w.set(e.attempt_hash() + ":policy", {{"attempt_timeout_ms", "600000"}, {"max_retries", "3"}});
  w.put(e.key("attempts"), scored{{{std::to_string(e.attempt), e.claimed_at}}});
  w.append(e.key("lease:history"), {{"event", "acquired"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"attempt_index", e.attempt},
                                    {"attempt_id", e.attempt_id},
                                    {"worker_id", e.worker},
                                    {"worker_instance_id", e.instance},
                                    {"ts", e.claimed_at}});
  write_output(w, e, chance);
}

void count_attempt(world& w, const execution& e) {
  w.set(e.core(), {{"total_attempt_count", e.attempt + 1},
                   {"current_attempt_index", e.attempt},
                   {"current_attempt_id", e.attempt_id},
                   {"current_lease_epoch", e.epoch},
                   {"retry_count", e.attempt},
                   {"started_at", e.claimed_at}});
}

struct block_words {
  std::string_view index, eligibility, reason, label, detail;
};

block_words words_of(block why) {
  switch (why) {
    case block::budget:
      return {"blocked:budget", "blocked_by_budget", "waiting_for_budget", "rate_limited",
              "budget exhausted"};
    case block::quota:
      return {"blocked:quota", "blocked_by_quota", "waiting_for_quota", "rate_limited",
              "quota window is full"};
    case block::route:
      return {"blocked:route", "blocked_by_route", "waiting_for_capable_worker", "rate_limited",
              "no capable worker"};
    case block::operator_hold:
      return {"blocked:operator", "blocked_by_operator", "paused_by_operator", "rate_limited",
              "held by an operator"};
    case block::dependencies:
      break;
  }
  return {"blocked:dependencies", "blocked_by_dependencies", "waiting_for_children", "waiting_children",
          "waiting for upstream"};
}

}  // namespace

void make_eligible(world& w, const execution& e) {
  set_states(w, e,
             {"runnable", "unowned", "eligible_now", "waiting_for_worker", "none", "pending_first_attempt",
              "waiting"});
  w.enter(e.lane_index("eligible"), e.id, e.eligible_score());
}

void make_delayed(world& w, const execution& e, delay why, std::int64_t until, dice& chance) {
  w.leave(e.lane_index("eligible"), e.id);
  const bool again = why != delay::at_creation;
  set_states(w, e,
             {"runnable", "unowned", "not_eligible_until_time",
              why == delay::retry ? "waiting_for_retry_backoff" : "waiting_for_delay", "none",
              why == delay::retry ? "pending_retry_attempt"
              : again             ? "attempt_interrupted"
                                  : "pending_first_attempt",
              "delayed"},
             "delayed until " + std::to_string(until));
  w.set(e.core(), "delay_until", until);
  w.enter(e.lane_index("delayed"), e.id, until);
  if (!again) return;
  write_attempt(w, e, chance);
  count_attempt(w, e);
  moved(w, e, e.claimed_at + 5000);
  if (why == delay::retry) {
    w.set(e.core(), {{"pending_retry_reason", "upstream returned 503"},
                     {"failure_reason", "upstream returned 503"},
                     {"pending_previous_attempt_index", e.attempt}});
    w.set(e.attempt_hash(), {{"attempt_state", "ended_failure"},
                             {"ended_at", e.claimed_at + 5000},
                             {"failure_reason", "upstream returned 503"},
                             {"failure_category", "transient"}});
  } else {
    w.set(e.attempt_hash(), {{"attempt_state", "suspended"},
                             {"suspended_at", e.claimed_at + 5000},
                             {"suspension_id", "worker_delay"}});
  }
  w.append(e.key("lease:history"), {{"event", "released"},
                                    {"lease_id", e.lease_id},
                                    {"lease_epoch", e.epoch},
                                    {"attempt_index", e.attempt},
                                    {"reason", why == delay::retry ? "failed" : "delayed"},
                                    {"ts", e.claimed_at + 5000}});
}

void make_blocked(world& w, const execution& e, block why, std::int64_t since) {
  const auto words = words_of(why);
  w.leave(e.lane_index("eligible"), e.id);
  set_states(
      w, e,
      {"runnable", "unowned", words.eligibility, words.reason, "none", "pending_first_attempt", words.label},
      std::string(words.detail));
  moved(w, e, since);
  w.enter(e.lane_index(words.index), e.id, why == block::dependencies ? e.created_at : since);
}

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
