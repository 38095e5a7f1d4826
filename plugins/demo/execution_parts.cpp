// SPDX-License-Identifier: Apache-2.0
//
// The state vector and the attempt.
#include "execution_parts.hpp"

#include "keys.hpp"

namespace scanhost::demo {
namespace {

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

}  // namespace

void set_states(world& w, const execution& e, const vector_of_states& now, std::string detail) {
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

}  // namespace scanhost::demo
