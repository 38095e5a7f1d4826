// SPDX-License-Identifier: Apache-2.0
#include "retention_trimmer/purge.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/guarded_write.hpp"
#include "common/keys.hpp"

namespace ff {
namespace {

// Keys that one command deletes.
constexpr std::size_t chunk_size = 500;

// KEYS: the core, then keys to delete. ARGV: phase and completion time as read.
constexpr std::string_view delete_chunk = R"lua(
local core = redis.call('HMGET', KEYS[1], 'lifecycle_phase', 'completed_at')
if (core[1] or '') ~= ARGV[1] or (core[2] or '') ~= ARGV[2] then return 0 end
if #KEYS > 1 then redis.call('DEL', unpack(KEYS, 2)) end
return 1
)lua";

// KEYS: the core, the policy, the terminal index, all_executions, then keys to delete. ARGV: phase and
// completion time as read, the execution's id.
constexpr std::string_view delete_execution = R"lua(
local core = redis.call('HMGET', KEYS[1], 'lifecycle_phase', 'completed_at')
if (core[1] or '') ~= ARGV[1] or (core[2] or '') ~= ARGV[2] then return 0 end
if #KEYS > 4 then redis.call('DEL', unpack(KEYS, 5)) end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[3])
redis.call('SREM', KEYS[4], ARGV[3])
return 1
)lua";

// KEYS: the core, the terminal index, all_executions, then keys to delete. ARGV: the execution's id, with the
// last of its chunks alone.
constexpr std::string_view delete_leftovers = R"lua(
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if #KEYS > 3 then redis.call('DEL', unpack(KEYS, 4)) end
if not ARGV[1] then return 1 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
)lua";

// KEYS: the core, the terminal index, all_executions. ARGV: completion time as read, the execution's id.
constexpr std::string_view remove_stale_terminal = R"lua(
if (redis.call('HGET', KEYS[1], 'completed_at') or '') ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[3], ARGV[2]) end
return 1
)lua";

std::string all_executions(const purged_execution& execution) {
  return index_key(execution.tag, "all_executions");
}

void add_attempt(std::vector<std::string>& keys, const execution_keys& of, std::string_view index) {
  const auto attempt = of.attempt(index);
  keys.push_back(attempt);
  keys.push_back(joined(attempt, ":usage"));
  keys.push_back(joined(attempt, ":policy"));
  keys.push_back(joined(attempt, ":summary"));
  keys.push_back(of.stream(index));
  keys.push_back(of.stream_meta(index));
}

}  // namespace

std::vector<std::string> keys_to_purge(const purged_execution& execution, const scanhost::reply& edges,
                                       const scanhost::reply& waitpoints, const scanhost::reply& signals) {
  const execution_keys of(execution.tag, execution.id);
  std::vector<std::string> keys = {of.payload(),       of.result(),      of.tags(),    of.lease_current(),
                                   of.lease_history(), of.claim_grant(), of.attempts()};
  for (std::uint32_t i = 0; i < execution.attempts; ++i) add_attempt(keys, of, std::to_string(i));
  for (auto key : {of.suspension(), of.satisfied_set(), of.satisfying_signals(), of.member_map(),
                   of.deps_meta(), of.deps_unresolved(), of.deps_all_edges()})
    keys.push_back(std::move(key));
  for (std::size_t i = 0; i < edges.size(); ++i) keys.push_back(of.dep(edges[i].text()));
  keys.push_back(of.waitpoints());
  for (std::size_t i = 0; i < waitpoints.size(); ++i) {
    const auto id = waitpoints[i].text();
    for (auto key : {waitpoint_key(execution.tag, id), waitpoint_signals_key(execution.tag, id),
                     condition_key(execution.tag, id)})
      keys.push_back(std::move(key));
  }
  keys.push_back(of.signals());
  for (std::size_t i = 0; i < signals.size(); ++i) {
    keys.push_back(signal_key(execution.tag, signals[i].text()));
    keys.push_back(signal_payload_key(execution.tag, signals[i].text()));
  }
  if (!execution.flow.empty())
    keys.push_back(flow_keys(execution.tag, execution.flow).edge_group(execution.id));
  return keys;
}

std::vector<std::string> keys_left_over(const purged_execution& execution, const scanhost::reply& attempts,
                                        const scanhost::reply& edges, const scanhost::reply& waitpoints,
                                        const scanhost::reply& signals) {
  const execution_keys of(execution.tag, execution.id);
  auto keys = keys_to_purge(execution, edges, waitpoints, signals);
  for (std::size_t i = 0; i < attempts.size(); ++i) add_attempt(keys, of, attempts[i].text());
  keys.push_back(of.policy());
  // What edges, waitpoints, signals and attempts name goes before the keys that name it: if a later chunk
  // fails, the next attempt still finds the rest.
  std::reverse(keys.begin(), keys.end());
  return keys;
}

std::vector<scanhost::command> leftover_writes(const scanhost::services& host,
                                               const purged_execution& execution,
                                               const std::vector<std::string>& keys) {
  std::vector<scanhost::command> writes;
  std::size_t first = 0;
  do {
    std::vector<std::string> chunk{execution_keys(execution.tag, execution.id).core(),
                                   execution.terminal_index, all_executions(execution)};
    for (; first < keys.size() && chunk.size() < chunk_size; ++first) chunk.push_back(keys[first]);
    writes.push_back(guarded_write(host, delete_leftovers, chunk));
  } while (first < keys.size());
  writes.back().arg(execution.id);
  return writes;
}

std::vector<scanhost::command> purge_writes(const scanhost::services& host, const purged_execution& execution,
                                            const std::vector<std::string>& keys) {
  const execution_keys of(execution.tag, execution.id);
  std::vector<scanhost::command> writes;
  const bool one_chunk = keys.size() <= chunk_size;
  for (std::size_t first = 0; !one_chunk && first < keys.size(); first += chunk_size) {
    std::vector<std::string> chunk{of.core()};
    const auto last = std::min(first + chunk_size, keys.size());
    for (auto i = first; i < last; ++i) chunk.push_back(keys[i]);
    writes.push_back(guarded_write(host, delete_chunk, chunk, execution.phase, execution.completed_at));
  }
  std::vector<std::string> rest{of.core(), of.policy(), execution.terminal_index, all_executions(execution)};
  if (one_chunk) rest.insert(rest.end(), keys.begin(), keys.end());
  writes.push_back(
      guarded_write(host, delete_execution, rest, execution.phase, execution.completed_at, execution.id));
  return writes;
}

scanhost::command stale_terminal_write(const scanhost::services& host, const purged_execution& execution) {
  const std::array keys = {execution_keys(execution.tag, execution.id).core(), execution.terminal_index,
                           all_executions(execution)};
  return guarded_write(host, remove_stale_terminal, keys, execution.completed_at, execution.id);
}

}  // namespace ff
