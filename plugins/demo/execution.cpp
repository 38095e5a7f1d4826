// SPDX-License-Identifier: Apache-2.0
//
// An execution as it is created.
#include "execution.hpp"

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

std::string payload_of(const execution& e, std::string_view kind, dice& chance) {
  return R"({"kind":")" + std::string(kind) + R"(","request":")" + chance.uuid() +
         R"(","input":{"bucket":"uploads","object":")" + chance.hex(32) + R"("},"options":{"quality":)" +
         std::to_string(chance.between(1, 10)) + R"(,"locale":"en-GB","notify":"https://hooks.example.org/)" +
         chance.hex(16) + R"("},"lane":")" + e.lane + R"("})";
}

std::string policy_of(const execution& e, dice& chance) {
  return R"({"priority":)" + std::to_string(e.priority) + R"(,"retry_policy":{"max_retries":)" +
         std::to_string(chance.between(1, 8)) +
         R"(,"backoff":{"type":"exponential","initial_delay_ms":1000,"max_delay_ms":60000,"multiplier":2.0}})" +
         R"(,"timeout_policy":{"attempt_timeout_ms":600000},"max_reclaim_count":100)" +
         R"(,"stream_policy":{"durability_mode":"durable","retention_maxlen":1000}})";
}

fields identity(const execution& e, std::string_view kind, dice& chance) {
  return {{"execution_id", e.id},
          {"namespace", chance.pick(namespaces)},
          {"lane_id", e.lane},
          {"current_lane", e.lane},
          {"execution_kind", kind},
          {"creator_identity", chance.pick(creators)},
          {"partition_id", std::to_string(e.partition)},
          {"priority", e.priority},
          {"flow_id", e.flow}};
}

fields counters(const execution& e) {
  return {{"total_attempt_count", 0},
          {"current_attempt_index", ""},
          {"current_attempt_id", ""},
          {"current_lease_id", ""},
          {"current_lease_epoch", 0},
          {"current_worker_id", ""},
          {"retry_count", 0},
          {"replay_count", 0},
          {"lease_reclaim_count", 0},
          {"created_at", e.created_at},
          {"last_transition_at", e.created_at},
          {"last_mutation_at", e.created_at}};
}

constexpr std::array<std::string_view, 20> unset_at_creation{"current_worker_instance_id",
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
                                                             "progress_updated_at"};

}  // namespace

std::string execution::core() const { return key("core"); }
std::string execution::key(std::string_view part) const { return execution_key(tag, id, part); }
std::string execution::index(std::string_view name) const { return index_key(tag, name); }
std::string execution::lane_index(std::string_view name) const { return lane_key(tag, lane, name); }
std::string execution::attempt_hash() const { return attempt_key(tag, id, std::to_string(attempt)); }
std::string execution::output_meta() const { return stream_key(tag, id, std::to_string(attempt)) + ":meta"; }
std::string execution::waitpoint() const { return waitpoint_key(tag, waitpoint_id); }

execution make_execution(dice& chance, std::uint32_t partition, std::int64_t now) {
  execution e;
  e.partition = partition;
  e.tag = flow_tag(partition);
  e.id = e.tag + ":" + chance.uuid();
  e.lane = chance.pick(lanes);
  e.worker = "worker-" + std::to_string(chance.between(1, 40));
  e.instance = e.worker + "-" + chance.hex(6);
  e.attempt_id = chance.uuid();
  e.lease_id = chance.uuid();
  e.suspension_id = chance.uuid();
  e.waitpoint_id = chance.uuid();
  e.priority = chance.one_in(4) ? chance.between(1, 9000) : chance.between(0, 9);
  e.epoch = chance.between(1, 12);
  e.created_at = now - chance.between(400'000, 6 * 3'600'000);
  e.claimed_at = now - chance.between(200'000, 390'000);
  return e;
}

void write_created(world& w, const execution& e, dice& chance) {
  const auto kind = chance.pick(kinds);
  w.set(e.core(), identity(e, kind, chance));
  w.set(e.core(), counters(e));
  for (const auto field : unset_at_creation) w.set(e.core(), std::string(field), "");
  if (chance.one_in(5)) w.set(e.core(), "required_capabilities", e.lane == "gpu" ? "cuda,linux" : "linux");
  w.put(e.key("payload"), plain{payload_of(e, kind, chance)});
  w.put(e.key("policy"), plain{policy_of(e, chance)});
  w.set(e.key("tags"), {{"acme.region", chance.pick(regions)},
                        {"acme.customer", "c-" + chance.hex(8)},
                        {"acme.instance", "i-" + std::to_string(chance.between(1, 3))}});
  w.join(e.index("all_executions"), e.id);
  make_eligible(w, e);
}

}  // namespace scanhost::demo
