// SPDX-License-Identifier: Apache-2.0
#include "execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace scanhost::demo {
namespace {

constexpr std::array<std::string_view, 6> lanes{"default", "default", "default", "gpu", "gpu", "batch"};
constexpr std::array<std::string_view, 4> namespaces{"acme", "globex", "initech", "umbrella"};

constexpr std::int64_t lease_ms = 30'000;

std::string payload_of(const execution& e) {
  constexpr auto form = R"({{"kind":"transcode","request":"{}","input":"uploads/{}","lane":"{}"}})";
  return fmt::format(form, e.chance.uuid(), e.chance.hex(32), e.lane);
}

constexpr auto policy =
    R"({"retry_policy":{"max_retries":3},"timeout_policy":{"attempt_timeout_ms":600000},"stream_policy":{"durability_mode":"durable","retention_maxlen":1000}})";

struct block_words {
  std::string_view index, eligibility, reason, label, detail;
};

// In the order of block_reason.
constexpr block_words words_of[] = {
    {"blocked:budget", "blocked_by_budget", "waiting_for_budget", "rate_limited", "budget exhausted"},
    {"blocked:quota", "blocked_by_quota", "waiting_for_quota", "rate_limited", "quota window is full"},
    {"blocked:route", "blocked_by_route", "waiting_for_capable_worker", "rate_limited", "no capable worker"},
    {"blocked:operator", "blocked_by_operator", "paused_by_operator", "rate_limited", "held by an operator"},
    {"blocked:dependencies", "blocked_by_dependencies", "waiting_for_children", "waiting_children",
     "waiting for upstream"}};

}  // namespace

execution::execution(world& record_world, dice& record_chance, std::uint32_t in_partition, std::int64_t now)
    : w(record_world), chance(record_chance), tag(flow_tag(in_partition)), partition(in_partition) {
  id = tag + ":" + chance.uuid();
  lane = chance.pick(lanes);
  worker = "worker-" + std::to_string(chance.between(1, 40));
  instance = worker + "-" + chance.hex(6);
  for (auto* uuid : {&attempt_id, &lease_id, &suspension_id, &waitpoint_id}) *uuid = chance.uuid();
  priority = chance.one_in(4) ? chance.between(1, 9000) : chance.between(0, 9);
  epoch = chance.between(1, 12);
  created_at = now - chance.between(400'000, 6 * hour);
  claimed_at = now - chance.between(200'000, 390'000);
}

void execution::set_state(const state_vector& now, std::string detail) const {
  set({{"lifecycle_phase", now.phase}, {"ownership_state", now.ownership}, {"public_state", now.label}});
  set({{"eligibility_state", now.eligibility}, {"terminal_outcome", now.outcome}});
  set({{"blocking_reason", now.reason}, {"blocking_detail", std::move(detail)}});
  if (!now.attempt.empty()) set({{"attempt_state", now.attempt}});
}

void execution::set_changed(const text& when) const {
  set_each(when, {"last_transition_at", "last_mutation_at"});
}

const execution& execution::create() const {
  set({{"execution_id", id}, {"flow_id", flow}, {"partition_id", partition}, {"priority", priority}});
  set({{"namespace", chance.pick(namespaces)}, {"execution_kind", "transcode"}, {"created_at", created_at}});
  set({{"creator_identity", "api@gateway"}, {"lane_id", lane}, {"current_lane", lane}});
  set_each(0, {"total_attempt_count", "current_lease_epoch", "retry_count", "replay_count",
               "lease_reclaim_count"});
  set_each("", {"current_attempt_index", "current_attempt_id", "current_lease_id", "current_worker_id",
                "current_worker_instance_id", "current_suspension_id", "current_waitpoint_id", "started_at",
                "completed_at", "delay_until", "progress_pct", "progress_message", "progress_updated_at"});
  set_each("", {"lease_acquired_at", "lease_expires_at", "lease_last_renewed_at", "lease_renewal_deadline",
                "lease_expired_at", "lease_revoked_at", "lease_revoke_reason", "pending_retry_reason",
                "pending_replay_reason", "pending_replay_requested_by", "pending_previous_attempt_index"});
  if (chance.one_in(5)) set({{"required_capabilities", lane == "gpu" ? "cuda,linux" : "linux"}});
  w.put_string(key("payload"), payload_of(*this));
  w.put_string(key("policy"), policy);
  w.set(key("tags"), "acme.instance", "i-" + std::to_string(chance.between(1, 3)));
  w.join(index("all_executions"), id);
  set_changed(created_at);
  become_eligible("pending_first_attempt");
  return *this;
}

void execution::become_eligible(std::string_view attempt_state) const {
  set_state({"runnable", "unowned", "eligible_now", "waiting_for_worker", "none", attempt_state, "waiting"});
  enter_lane("eligible", -priority * 1'000'000'000'000 + created_at);
}

const execution& execution::delay(delay_reason why, std::int64_t until) const {
  const bool retry = why == delay_reason::retry;
  leave_lane("eligible");
  set_state({"runnable", "unowned", "not_eligible_until_time",
             retry ? "waiting_for_retry_backoff" : "waiting_for_delay", "none",
             retry ? "pending_retry_attempt" : "pending_first_attempt", "delayed"},
            "delayed until " + std::to_string(until));
  set({{"delay_until", until}});
  enter_lane("delayed", until);
  if (!retry) return *this;
  const auto when = claimed_at + 5000;
  claim(when);
  set_each("upstream returned 503", {"pending_retry_reason", "failure_reason"});
  set({{"pending_previous_attempt_index", attempt}});
  w.set(attempt_key(), {{"attempt_state", "ended_failure"}, {"failure_category", "transient"}});
  w.set(attempt_key(), {{"ended_at", when}, {"failure_reason", "upstream returned 503"}});
  release_lease("failed", when);
  return *this;
}

const execution& execution::block(block_reason why, std::int64_t since) const {
  const auto& words = words_of[static_cast<std::size_t>(why)];
  leave_lane("eligible");
  set_state(
      {"runnable", "unowned", words.eligibility, words.reason, "none", "pending_first_attempt", words.label},
      std::string(words.detail));
  set_changed(since);
  enter_lane(words.index, why == block_reason::dependencies ? created_at : since);
  return *this;
}

fields execution::own(std::initializer_list<std::string_view> names) const {
  const fields known{{"execution_id", id},
                     {"attempt_id", attempt_id},
                     {"attempt_index", attempt},
                     {"lease_id", lease_id},
                     {"lease_epoch", epoch},
                     {"worker_id", worker},
                     {"worker_instance_id", instance},
                     {"suspension_id", suspension_id},
                     {"waitpoint_id", waitpoint_id}};
  fields chosen;
  for (const auto name : names) chosen.push_back(*std::ranges::find(known, name, &fields::value_type::first));
  return chosen;
}

void execution::add_lease_event(std::string_view event, const fields& details, const text& when) const {
  fields entry{{"event", event}, {"lease_id", lease_id}, {"lease_epoch", epoch}};
  entry.insert(entry.end(), details.begin(), details.end());
  entry.emplace_back("ts", when);
  w.append(key("lease:history"), std::move(entry));
}

// An attempt under a lease, with its own records; `changed` is the last change of the execution.
void execution::claim(const text& changed) const {
  set({{"total_attempt_count", attempt + 1}, {"current_attempt_id", attempt_id}, {"started_at", claimed_at}});
  set({{"current_attempt_index", attempt}, {"retry_count", attempt}, {"current_lease_epoch", epoch}});
  set_changed(changed);
  w.set(attempt_key(), own({"execution_id", "attempt_id", "attempt_index", "lease_id", "lease_epoch",
                            "worker_id", "worker_instance_id"}));
  w.set(attempt_key(), {{"attempt_type", "initial"}, {"attempt_state", "started"}});
  w.set_each(attempt_key(), claimed_at, {"created_at", "started_at"});
  w.set(attempt_key("usage"), "input_tokens", chance.between(10, 4000));
  w.set(attempt_key("policy"), {{"attempt_timeout_ms", "600000"}, {"max_retries", "3"}});
  w.put_sorted_set(key("attempts"), {{std::to_string(attempt), claimed_at}});
  add_lease_event("acquired", own({"attempt_index", "attempt_id", "worker_id", "worker_instance_id"}),
                  claimed_at);
  write_output();
}

// A few frames, and the stream's metadata, which exists from the first frame on.
void execution::write_output() const {
  const auto count = chance.between(0, 3);
  if (count == 0) return;
  for (std::int64_t at = 1; at <= count; ++at)
    w.append(output_key(),
             {{"type", "progress"}, {"payload", chance.hex(24)}, {"ts", claimed_at + 1000 * at}});
  const auto meta = output_key("meta");
  w.set(meta, own({"execution_id", "attempt_id", "attempt_index"}));
  w.set(meta, {{"created_at", claimed_at + 1000}, {"last_frame_at", claimed_at + 1000 * count}});
  w.set_each(meta, count, {"last_sequence", "frame_count"});
  w.set_each(meta, "", {"closed_at", "closed_reason"});
}

const execution& execution::activate(std::int64_t expires) const {
  const fields times{{"acquired_at", claimed_at},
                     {"expires_at", expires},
                     {"last_renewed_at", expires - lease_ms},
                     {"renewal_deadline", expires - 10'000}};
  leave_lane("eligible");
  set_state({"active", "leased", "not_applicable", "none", "none", "running_attempt", "active"});
  claim(claimed_at);
  set({{"progress_pct", chance.between(0, 99)}, {"progress_updated_at", claimed_at + 1000}});
  for (const auto& [name, value] : own({"lease_id", "worker_id", "worker_instance_id"}))
    set({{"current_" + name, value}});
  w.set(key("lease:current"),
        own({"lease_id", "lease_epoch", "execution_id", "attempt_id", "worker_id", "worker_instance_id"}));
  w.set(key("lease:current"), times);
  for (const auto& [name, when] : times) set({{"lease_" + name, when}});
  enter_lane("active", claimed_at + lease_ms);  // renewals do not move it
  enter("lease_expiry", expires);
  w.join(worker_leases(), id);
  return *this;
}

const execution& execution::expire_lease(const text& when) const {
  set({{"ownership_state", "lease_expired_reclaimable"}, {"public_state", "active"}});
  set({{"blocking_reason", "waiting_for_worker"}, {"blocking_detail", "lease expired, awaiting reclaim"}});
  set({{"attempt_state", "attempt_interrupted"}});
  set_each(when, {"lease_expired_at", "last_mutation_at"});
  add_lease_event("expired", own({"attempt_index", "attempt_id", "worker_id", "worker_instance_id"}), when);
  close_output("lease_expired", when);
  return *this;
}

void execution::release_lease(std::string_view reason, const text& when) const {
  add_lease_event("released", {{"attempt_index", attempt}, {"reason", reason}}, when);
}

void execution::close_output(std::string_view reason, const text& when) const {
  const auto meta = output_key("meta");
  if (w.has(meta)) w.set(meta, {{"closed_at", when}, {"closed_reason", reason}});
}

std::string execution::write_waitpoint(std::string_view state, std::int64_t since,
                                       const text& expires) const {
  const bool active = state == "active";
  auto name = "wpk:" + chance.hex(12);
  w.set(waitpoint(), own({"waitpoint_id", "execution_id", "attempt_index"}));
  w.set(waitpoint(),
        {{"waitpoint_key", name}, {"waitpoint_token", "k1:" + chance.hex(40)}, {"state", state}});
  w.set(waitpoint(), {{"created_at", since}, {"expires_at", expires}});
  w.set(waitpoint(), "suspension_id", active ? suspension_id : "");
  w.set(waitpoint(), "activated_at", active ? text(since) : text(""));
  w.set_each(waitpoint(), 0, {"signal_count", "matched_signal_count"});
  w.set_each(waitpoint(), "", {"satisfied_at", "closed_at", "last_signal_at", "close_reason"});
  return name;
}

const execution& execution::suspend(std::string_view behavior, std::int64_t timeout,
                                    std::int64_t since) const {
  const text until = timeout == 0 ? text("") : text(timeout);
  leave_lane("eligible");
  set_state({"suspended", "unowned", "not_applicable", "waiting_for_approval", "none", "attempt_interrupted",
             "suspended"},
            "suspended: waitpoint " + waitpoint_id + " awaiting approval");
  claim(since);
  set({{"current_suspension_id", suspension_id}, {"current_waitpoint_id", waitpoint_id}});
  w.set(attempt_key(),
        {{"attempt_state", "suspended"}, {"suspended_at", since}, {"suspension_id", suspension_id}});
  release_lease("suspend", since);
  const auto suspension = key("suspension:current"), condition = waitpoint("condition");
  w.set(suspension, own({"suspension_id", "execution_id", "attempt_index", "waitpoint_id"}));
  w.set(suspension, {{"waitpoint_key", write_waitpoint("active", since, until)}, {"created_at", since}});
  w.set(suspension, {{"requested_by", "worker"}, {"reason_code", "waiting_for_approval"}});
  w.set(suspension, {{"timeout_at", until}, {"timeout_behavior", behavior}});
  w.set_each(suspension, "", {"last_signal_at", "satisfied_at", "closed_at", "close_reason"});
  w.set(condition, {{"condition_type", "signal_set"}, {"match_mode", "any"}, {"matcher:0:name", "approved"}});
  w.set_each(condition, 1, {"minimum_signal_count", "total_matchers"});
  w.set_each(condition, 0, {"satisfied_count", "closed", "matcher:0:satisfied"});
  w.set_each(condition, "", {"closed_at", "closed_reason", "matcher:0:signal_id"});
  w.put_set(key("waitpoints"), {waitpoint_id});
  enter_lane("suspended", timeout == 0 ? text("9999999999999") : until);
  if (timeout != 0) enter("suspension_timeout", until);
  return *this;
}

void execution::end(std::string_view outcome, std::string_view attempt_state, const text& when) const {
  set_state({"terminal", "unowned", "not_applicable", "none", outcome, attempt_state,
             outcome == "success" ? "completed" : outcome});
  set_each(when, {"completed_at", "last_transition_at", "last_mutation_at"});
  enter_lane("terminal", when);
}

const execution& execution::finish(std::string_view outcome, std::int64_t when) const {
  const bool success = outcome == "success";
  leave_lane("eligible");
  claim(when);
  end(outcome, "attempt_terminal", when);
  w.set(attempt_key(), {{"attempt_state", success ? "ended_success" : "ended_failure"}, {"ended_at", when}});
  if (success) w.put_string(key("result"), fmt::format(R"({{"ok":true,"object":"{}"}})", chance.hex(32)));
  close_output("attempt_" + std::string(outcome), when);
  release_lease(outcome, when);
  return *this;
}

}  // namespace scanhost::demo
