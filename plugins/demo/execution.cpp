// SPDX-License-Identifier: Apache-2.0
#include "execution.hpp"

#include <fmt/format.h>

#include <array>

#include "keys.hpp"

namespace scanhost::demo {
namespace {

constexpr std::array<std::string_view, 6> lanes{"default", "default", "default", "gpu", "gpu", "batch"};
constexpr std::array<std::string_view, 4> namespaces{"acme", "globex", "initech", "umbrella"};
constexpr std::array<std::string_view, 5> kinds{"transcode", "summarize", "embed", "invoice.render",
                                                "crawl.page"};
constexpr std::array<std::string_view, 3> creators{"api@gateway", "cron@scheduler", "flow@planner"};
constexpr std::array<std::string_view, 3> regions{"eu-central-1", "us-east-1", "ap-south-1"};

constexpr std::int64_t lease_ms = 30'000;

std::string payload_of(const execution& e, std::string_view kind) {
  constexpr auto form =
      R"({{"kind":"{}","request":"{}","input":{{"bucket":"uploads","object":"{}"}},"options":{{"quality":{},"locale":"en-GB","notify":"https://hooks.example.org/{}"}},"lane":"{}"}})";
  const auto request = e.chance.uuid(), object = e.chance.hex(32);
  const auto quality = e.chance.between(1, 10);
  return fmt::format(form, kind, request, object, quality, e.chance.hex(16), e.lane);
}

std::string policy_of(const execution& e) {
  constexpr auto form =
      R"({{"priority":{},"retry_policy":{{"max_retries":{},"backoff":{{"type":"exponential","initial_delay_ms":1000,"max_delay_ms":60000,"multiplier":2.0}}}},"timeout_policy":{{"attempt_timeout_ms":600000}},"max_reclaim_count":100,"stream_policy":{{"durability_mode":"durable","retention_maxlen":1000}}}})";
  return fmt::format(form, e.priority, e.chance.between(1, 8));
}

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
  created_at = now - chance.between(400'000, 6 * 3'600'000);
  claimed_at = now - chance.between(200'000, 390'000);
}

std::string execution::key(std::string_view part) const { return key_of("ff:exec", tag, id, part); }
std::string execution::index(std::string_view name) const { return index_key(tag, name); }
std::string execution::lane_index(std::string_view name) const { return lane_key(tag, lane, name); }
std::string execution::attempt_key(std::string_view part) const {
  return key_of("ff:attempt", tag, id, std::to_string(attempt), part);
}
std::string execution::output_key(std::string_view part) const {
  return key_of("ff:stream", tag, id, std::to_string(attempt), part);
}
std::string execution::waitpoint(std::string_view part) const {
  return waitpoint_key(tag, waitpoint_id, part);
}

void execution::set_state(const state_vector& now, std::string detail) const {
  set({{"lifecycle_phase", now.phase},
       {"ownership_state", now.ownership},
       {"eligibility_state", now.eligibility},
       {"blocking_reason", now.reason},
       {"blocking_detail", std::move(detail)},
       {"terminal_outcome", now.outcome},
       {"public_state", now.label}});
  if (!now.attempt.empty()) set({{"attempt_state", now.attempt}});
}

void execution::set_changed(const text& when) const {
  set({{"last_transition_at", when}, {"last_mutation_at", when}});
}

const execution& execution::create() const {
  const auto kind = chance.pick(kinds);
  set({{"execution_id", id},
       {"namespace", chance.pick(namespaces)},
       {"lane_id", lane},
       {"current_lane", lane},
       {"execution_kind", kind},
       {"creator_identity", chance.pick(creators)},
       {"partition_id", partition},
       {"priority", priority},
       {"flow_id", flow},
       {"created_at", created_at}});
  for (const auto* counter :
       {"total_attempt_count", "current_lease_epoch", "retry_count", "replay_count", "lease_reclaim_count"})
    set({{counter, 0}});
  w.clear(core(), {"current_attempt_index",
                   "current_attempt_id",
                   "current_lease_id",
                   "current_worker_id",
                   "current_worker_instance_id",
                   "started_at",
                   "completed_at",
                   "lease_acquired_at",
                   "lease_expires_at",
                   "lease_last_renewed_at",
                   "lease_renewal_deadline",
                   "lease_expired_at",
                   "lease_revoked_at",
                   "lease_revoke_reason",
                   "delay_until",
                   "current_suspension_id",
                   "current_waitpoint_id",
                   "pending_retry_reason",
                   "pending_replay_reason",
                   "pending_replay_requested_by",
                   "pending_previous_attempt_index",
                   "progress_pct",
                   "progress_message",
                   "progress_updated_at"});
  if (chance.one_in(5)) set({{"required_capabilities", lane == "gpu" ? "cuda,linux" : "linux"}});
  w.put_string(key("payload"), payload_of(*this, kind));
  w.put_string(key("policy"), policy_of(*this));
  w.set(key("tags"), {{"acme.region", chance.pick(regions)},
                      {"acme.customer", "c-" + chance.hex(8)},
                      {"acme.instance", "i-" + std::to_string(chance.between(1, 3))}});
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
  const auto attempt_state = retry                            ? "pending_retry_attempt"
                             : why == delay_reason::by_worker ? "attempt_interrupted"
                                                              : "pending_first_attempt";
  leave_lane("eligible");
  set_state({"runnable", "unowned", "not_eligible_until_time",
             retry ? "waiting_for_retry_backoff" : "waiting_for_delay", "none", attempt_state, "delayed"},
            "delayed until " + std::to_string(until));
  set({{"delay_until", until}});
  enter_lane("delayed", until);
  if (why == delay_reason::at_creation) return *this;
  const auto when = claimed_at + 5000;
  claim(when);
  if (retry) {
    set({{"pending_retry_reason", "upstream returned 503"},
         {"failure_reason", "upstream returned 503"},
         {"pending_previous_attempt_index", attempt}});
    w.set(attempt_key(), {{"attempt_state", "ended_failure"},
                          {"ended_at", when},
                          {"failure_reason", "upstream returned 503"},
                          {"failure_category", "transient"}});
  } else {
    w.set(attempt_key(),
          {{"attempt_state", "suspended"}, {"suspended_at", when}, {"suspension_id", "worker_delay"}});
  }
  release_lease(retry ? "failed" : "delayed", when);
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

fields execution::holder() const {
  return {{"attempt_id", attempt_id}, {"worker_id", worker}, {"worker_instance_id", instance}};
}

void execution::add_lease_event(std::string_view event, fields details, const text& when) const {
  fields entry{{"event", event}, {"lease_id", lease_id}, {"lease_epoch", epoch}};
  entry.insert(entry.end(), details.begin(), details.end());
  entry.emplace_back("ts", when);
  w.append(key("lease:history"), std::move(entry));
}

// An attempt under a lease, with its own records; `changed` is the last change of the execution.
void execution::claim(const text& changed) const {
  set({{"total_attempt_count", attempt + 1},
       {"current_attempt_index", attempt},
       {"current_attempt_id", attempt_id},
       {"current_lease_epoch", epoch},
       {"retry_count", attempt},
       {"started_at", claimed_at}});
  set_changed(changed);
  w.set(attempt_key(), holder());
  w.set(attempt_key(), {{"execution_id", id},
                        {"attempt_index", attempt},
                        {"attempt_type", "initial"},
                        {"lease_id", lease_id},
                        {"lease_epoch", epoch},
                        {"created_at", claimed_at},
                        {"started_at", claimed_at},
                        {"attempt_state", "started"}});
  w.set(attempt_key("usage"), {{"input_tokens", chance.between(10, 4000)},
                               {"output_tokens", chance.between(1, 900)},
                               {"wall_time_ms", chance.between(100, 60'000)}});
  w.set(attempt_key("policy"), {{"attempt_timeout_ms", "600000"}, {"max_retries", "3"}});
  w.put_sorted_set(key("attempts"), {{std::to_string(attempt), claimed_at}});
  auto details = holder();
  details.insert(details.begin(), {"attempt_index", attempt});
  add_lease_event("acquired", std::move(details), claimed_at);
  write_output();
}

// A few frames, and the stream's metadata, which exists from the first frame on.
void execution::write_output() const {
  const auto count = chance.between(0, 3);
  if (count == 0) return;
  std::int64_t bytes = 0;
  for (std::int64_t at = 0; at < count; ++at) {
    const auto payload = fmt::format(R"({{"progress":{},"note":"{}"}})", at * 20, chance.hex(24));
    bytes += static_cast<std::int64_t>(payload.size());
    w.append(output_key(),
             {{"type", "progress"}, {"payload", payload}, {"ts", claimed_at + 1000 * (at + 1)}});
  }
  w.set(output_key("meta"), {{"stream_id", chance.uuid()},
                             {"execution_id", id},
                             {"attempt_id", attempt_id},
                             {"attempt_index", attempt},
                             {"created_at", claimed_at + 1000},
                             {"durability_mode", "durable"},
                             {"retention_maxlen", "1000"},
                             {"last_sequence", count},
                             {"frame_count", count},
                             {"total_bytes", bytes},
                             {"last_frame_at", claimed_at + 1000 * count}});
  w.clear(output_key("meta"), {"closed_at", "closed_reason"});
}

const execution& execution::activate(std::int64_t expires) const {
  const fields times{{"acquired_at", claimed_at},
                     {"expires_at", expires},
                     {"last_renewed_at", expires - lease_ms},
                     {"renewal_deadline", expires - 10'000}};
  leave_lane("eligible");
  set_state({"active", "leased", "not_applicable", "none", "none", "running_attempt", "active"});
  claim(claimed_at);
  set({{"current_lease_id", lease_id},
       {"current_worker_id", worker},
       {"current_worker_instance_id", instance},
       {"progress_pct", chance.between(0, 99)},
       {"progress_message", "working on " + chance.hex(8)},
       {"progress_updated_at", claimed_at + 1000}});
  const auto lease = key("lease:current");
  w.set(lease, {{"lease_id", lease_id}, {"lease_epoch", epoch}, {"execution_id", id}});
  w.set(lease, holder());
  w.set(lease, times);
  for (const auto& [name, when] : times) set({{"lease_" + name, when}});
  enter_lane("active", claimed_at + lease_ms);  // renewals do not move it
  enter("lease_expiry", expires);
  w.join(worker_key(tag, instance), id);
  return *this;
}

const execution& execution::expire_lease(const text& when) const {
  set({{"ownership_state", "lease_expired_reclaimable"},
       {"blocking_reason", "waiting_for_worker"},
       {"blocking_detail", "lease expired, awaiting reclaim"},
       {"attempt_state", "attempt_interrupted"},
       {"public_state", "active"},
       {"lease_expired_at", when},
       {"last_mutation_at", when}});
  auto details = holder();
  details.insert(details.begin(), {"attempt_index", attempt});
  add_lease_event("expired", std::move(details), when);
  close_output("lease_expired", when);
  return *this;
}

const execution& execution::revoke_lease(std::int64_t when) const {
  constexpr auto reason = "host drained for maintenance";
  set({{"ownership_state", "lease_revoked"},
       {"blocking_reason", "paused_by_operator"},
       {"attempt_state", "attempt_interrupted"},
       {"lease_revoked_at", when},
       {"lease_revoke_reason", reason},
       {"last_mutation_at", when}});
  add_lease_event("revoked", {{"reason", reason}}, when);
  leave("lease_expiry");
  w.leave(worker_key(tag, instance), id);
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
  w.set(waitpoint(), {{"waitpoint_id", waitpoint_id},
                      {"execution_id", id},
                      {"attempt_index", attempt},
                      {"suspension_id", active ? suspension_id : ""},
                      {"waitpoint_key", name},
                      {"waitpoint_token", "k1:" + chance.hex(40)},
                      {"state", state},
                      {"created_at", since},
                      {"activated_at", active ? text(since) : text("")},
                      {"expires_at", expires},
                      {"signal_count", 0},
                      {"matched_signal_count", 0}});
  w.clear(waitpoint(), {"satisfied_at", "closed_at", "last_signal_at", "close_reason"});
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
  const auto name = write_waitpoint("active", since, until);
  const auto suspension = key("suspension:current");
  w.set(suspension, {{"suspension_id", suspension_id},
                     {"execution_id", id},
                     {"attempt_index", attempt},
                     {"waitpoint_id", waitpoint_id},
                     {"waitpoint_key", name},
                     {"requested_by", "worker"},
                     {"created_at", since},
                     {"reason_code", "waiting_for_approval"},
                     {"timeout_at", until},
                     {"timeout_behavior", behavior},
                     {"resume_condition_json", R"({"condition_type":"signal_set"})"},
                     {"resume_policy_json", R"({"resume_target":"runnable"})"}});
  w.clear(suspension, {"continuation_metadata_pointer", "buffered_signal_summary_json", "last_signal_at",
                       "satisfied_at", "closed_at", "close_reason"});
  const auto condition = waitpoint("condition");
  w.set(condition, {{"condition_type", "signal_set"},
                    {"match_mode", "any"},
                    {"minimum_signal_count", 1},
                    {"total_matchers", 1},
                    {"updated_at", since},
                    {"matcher:0:name", "approved"}});
  for (const auto* zero : {"satisfied_count", "closed", "matcher:0:satisfied"}) w.set(condition, zero, 0);
  w.clear(condition, {"closed_at", "closed_reason", "matcher:0:signal_id"});
  w.put_set(key("waitpoints"), {waitpoint_id});
  enter_lane("suspended", timeout == 0 ? text("9999999999999") : until);
  if (timeout != 0) enter("suspension_timeout", until);
  return *this;
}

void execution::end(std::string_view outcome, std::string_view attempt_state, const text& when) const {
  set_state({"terminal", "unowned", "not_applicable", "none", outcome, attempt_state,
             outcome == "success" ? "completed" : outcome});
  set({{"completed_at", when}});
  set_changed(when);
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
