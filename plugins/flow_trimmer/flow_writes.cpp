// SPDX-License-Identifier: Apache-2.0
#include "flow_trimmer/flow_writes.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "common/guarded_write.hpp"
#include "common/keys.hpp"
#include "common/pending_groups.hpp"

namespace ff {
namespace {

// Keys that one write deletes, about.
constexpr std::size_t max_keys = 500;

// KEYS: the flow's core, members, pending cancels, the fired groups, the flow index, the cancel backlog; then
// the cores of members; then keys to delete, the flow's own at the end. ARGV: state and time of the last
// change as read, the flow's id, how many cores, how many keys of the flow's own (0: it stays); then the
// members that leave.
constexpr std::string_view delete_part = R"lua(
local flow = redis.call('HMGET', KEYS[1], 'public_flow_state', 'last_mutation_at')
if (flow[1] or '') ~= ARGV[1] or (flow[2] or '') ~= ARGV[2] then return 0 end
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
if redis.call('ZSCORE', KEYS[6], ARGV[3]) then return 0 end
redis.call('SISMEMBER', KEYS[5], ARGV[3]) -- fails here, and not half-way, where it is no set
local first, own = 7 + ARGV[4], tonumber(ARGV[5])
for i = 7, first - 1 do
  if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end
end
for i = 6, #ARGV do
  if redis.call('SISMEMBER', KEYS[4], ARGV[3] .. '|' .. ARGV[i]) == 1 then return 0 end
end
local last = #KEYS - own
if last >= first then redis.call('DEL', unpack(KEYS, first, last)) end
if #ARGV > 5 then redis.call('SREM', KEYS[2], unpack(ARGV, 6)) end
if own == 0 then return 1 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 2 end
redis.call('DEL', KEYS[1], unpack(KEYS, last + 1))
redis.call('SREM', KEYS[5], ARGV[3])
return 1
)lua";

// KEYS: the flow's core, its members, the key to delete.
constexpr std::string_view delete_leftover = R"lua(
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
return redis.call('DEL', KEYS[3])
)lua";

// Some of the members, or some of the edges of one of them.
struct part {
  std::vector<std::string> cores;    // of its members
  std::vector<std::string> keys;     // to delete
  std::vector<std::string> leaving;  // members of which all is deleted with it
};

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::string core_of(const trimmed_flow& flow, const purged_member& member) {
  return execution_keys(flow.tag, member.id).core();
}

// A member with many edges has parts of its own, the last of which takes it out of the flow.
void add_member(const trimmed_flow& flow, const purged_member& member, std::vector<part>& parts) {
  auto keys = keys_of_member(flow, member);
  for (; keys.size() > max_keys; keys.erase(keys.begin(), keys.begin() + max_keys))
    parts.push_back({{core_of(flow, member)}, {keys.begin(), keys.begin() + max_keys}, {}});
  if (parts.empty() || parts.back().keys.size() + keys.size() > max_keys) parts.emplace_back();
  auto& last = parts.back();
  last.cores.push_back(core_of(flow, member));
  last.leaving.push_back(member.id);
  append(last.keys, std::move(keys));
}

scanhost::command write_of(const scanhost::services& host, const trimmed_flow& flow, const part& members,
                           bool with_flow) {
  const flow_keys of(flow.tag, flow.id);
  std::vector<std::string> keys = {of.core(),
                                   of.members(),
                                   of.pending_cancels(),
                                   pending_groups_key(flow.tag),
                                   index_key(flow.tag, "flow_index"),
                                   index_key(flow.tag, "cancel_backlog")};
  append(keys, members.cores);
  append(keys, members.keys);
  const auto own = with_flow ? keys_of_flow(flow) : std::vector<std::string>();
  append(keys, own);
  auto write = guarded_write(host, delete_part, keys, flow.state, flow.changed, flow.id, members.cores.size(),
                             own.size());
  return std::move(write.args(members.leaving).route(flow.tag).acts(flow.id));
}

}  // namespace

std::vector<std::string> keys_of_member(const trimmed_flow& flow, const purged_member& member) {
  const flow_keys of(flow.tag, flow.id);
  std::vector<std::string> keys;
  for (const auto& edge : member.edges) keys.push_back(of.edge(edge));
  // What names the edges goes behind them: if a part fails, the next attempt still finds the rest.
  append(keys,
         {of.incoming(member.id), of.outgoing(member.id), of.edge_group(member.id), of.member(member.id)});
  return keys;
}

std::vector<std::string> keys_of_flow(const trimmed_flow& flow) {
  const flow_keys of(flow.tag, flow.id);
  return {of.summary(), of.events(), of.tags()};
}

std::vector<scanhost::command> member_writes(const scanhost::services& host, const trimmed_flow& flow,
                                             const std::vector<purged_member>& members, bool with_flow) {
  std::vector<part> parts;
  for (const auto& member : members) add_member(flow, member, parts);
  if (parts.empty() && with_flow) parts.emplace_back();
  std::vector<scanhost::command> writes;
  for (std::size_t i = 0; i < parts.size(); ++i)
    writes.push_back(write_of(host, flow, parts[i], with_flow && i + 1 == parts.size()));
  return writes;
}

scanhost::command leftover_write(const scanhost::services& host, std::string_view tag, std::string_view flow,
                                 std::string_view key) {
  const flow_keys of(tag, flow);
  const std::array keys = {of.core(), of.members(), std::string(key)};
  auto write = guarded_write(host, delete_leftover, keys);
  return std::move(write.route(tag).acts(flow));
}

}  // namespace ff
