// SPDX-License-Identifier: Apache-2.0
#include "bench/workload.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "bench/raw_client.hpp"
#include "bench/raw_nodes.hpp"

namespace scanhost::bench {
namespace {

// Fields that are the same in every item of the workload.
constexpr std::array<std::pair<std::string_view, std::string_view>, 40> constant_fields{{
    {"namespace", "tenant-a"},
    {"lane_id", "default"},
    {"current_lane", "default"},
    {"execution_kind", "workflow.step"},
    {"creator_identity", "api-server-1"},
    {"priority", "100"},
    {"lifecycle_phase", "runnable"},
    {"ownership_state", "unowned"},
    {"eligibility_state", "not_eligible_until_time"},
    {"blocking_reason", "waiting_for_retry_backoff"},
    {"blocking_detail", "retry 2 of 5 after a transient failure of the upstream service"},
    {"terminal_outcome", "none"},
    {"attempt_state", "pending_retry_attempt"},
    {"public_state", "delayed"},
    {"total_attempt_count", "2"},
    {"current_attempt_index", "1"},
    {"current_attempt_id", "0b8f2f5e-5d2b-4d0e-9d8c-5a1e6f1f2c3d"},
    {"current_lease_id", ""},
    {"current_lease_epoch", "2"},
    {"current_worker_id", ""},
    {"current_worker_instance_id", ""},
    {"retry_count", "2"},
    {"replay_count", "0"},
    {"lease_reclaim_count", "0"},
    {"completed_at", ""},
    {"lease_acquired_at", ""},
    {"lease_expires_at", ""},
    {"lease_last_renewed_at", ""},
    {"lease_renewal_deadline", ""},
    {"lease_expired_at", ""},
    {"lease_revoked_at", ""},
    {"lease_revoke_reason", ""},
    {"current_suspension_id", ""},
    {"current_waitpoint_id", ""},
    {"pending_retry_reason", "transient_failure"},
    {"pending_replay_reason", ""},
    {"pending_replay_requested_by", ""},
    {"pending_previous_attempt_index", "1"},
    {"progress_pct", "40"},
    {"progress_message", "fetched 4 of 10 pages"},
}};

}  // namespace

std::string partition_tag(std::size_t partition) { return fmt::format("{{fp:{}}}", partition); }

std::string execution_id(std::size_t number) {
  return fmt::format("{{fp:{}}}:00000000-0000-4000-8000-{:012x}", number % flow_partitions, number);
}

std::string core_key(const std::string& id) {
  return fmt::format("ff:exec:{}:{}:core", id.substr(0, id.find('}') + 1), id);
}

std::string lane_key(std::size_t partition, const char* index) {
  return fmt::format("ff:idx:{}:lane:default:{}", partition_tag(partition), index);
}

template <class Client>
void append_delayed(Client& client, std::size_t number, std::int64_t now_ms, std::int64_t due_ms) {
  const auto id = execution_id(number);
  const auto key = core_key(id);
  const auto index = lane_key(number % flow_partitions, "delayed");
  const auto now = std::to_string(now_ms);
  const auto due = std::to_string(due_ms);
  const auto partition = std::to_string(number % flow_partitions);
  std::vector<std::string_view> hset{"HSET",         key,       "execution_id", id,
                                     "partition_id", partition, "delay_until",  due};
  for (const auto name :
       {"created_at", "started_at", "last_transition_at", "last_mutation_at", "progress_updated_at"}) {
    hset.push_back(name);
    hset.push_back(now);
  }
  for (const auto& [name, value] : constant_fields) {
    hset.push_back(name);
    hset.push_back(value);
  }
  client.append(hset);
  client.append({"ZADD", index, due, id});
}

template <class Client>
std::size_t count_promoted(Client& client) {
  for (std::size_t i = 0; i < flow_partitions; ++i) {
    const auto key = lane_key(i, "eligible");
    client.append({"ZCARD", key});
  }
  std::size_t total = 0;
  for (std::size_t i = 0; i < flow_partitions; ++i) total += static_cast<std::size_t>(client.read()->integer);
  return total;
}

template void append_delayed(raw_client&, std::size_t, std::int64_t, std::int64_t);
template void append_delayed(raw_nodes&, std::size_t, std::int64_t, std::int64_t);
template std::size_t count_promoted(raw_client&);
template std::size_t count_promoted(raw_nodes&);

}  // namespace scanhost::bench
