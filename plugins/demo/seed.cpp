// SPDX-License-Identifier: Apache-2.0
#include "seed.hpp"

#include <fmt/format.h>

#include "problem.hpp"

namespace scanhost::demo {
namespace {

constexpr std::size_t commands_per_batch = 2000;

command command_for(const std::string& key, const content& value) {
  switch (value.type) {
    case data_type::string: {
      command set{"SET", key, value.items.begin()->second.exact};
      if (value.ttl > 0) set.insert(set.end(), {"PX", std::to_string(value.ttl)});
      return set;
    }
    case data_type::set: {
      command add{"SADD", key};
      for (const auto& [member, nothing] : value.items) add.push_back(member);
      return add;
    }
    case data_type::sorted_set: {
      command add{"ZADD", key};
      for (const auto& [member, score] : value.items) add.insert(add.end(), {score.exact, member});
      return add;
    }
    default: {
      command set{"HSET", key};
      for (const auto& [field, text] : value.items) set.insert(set.end(), {field, text.exact});
      return set;
    }
  }
}

void flush(store& to, std::vector<command>& commands) {
  const auto replies = to.batch(commands);
  for (std::size_t at = 0; at < replies.size(); ++at) {
    if (replies[at].kind == reply_kind::error)
      throw problem(fmt::format("the demo's server refused {} {}: {}", commands[at][0], commands[at][1],
                                replies[at].text));
  }
  commands.clear();
}

}  // namespace

void commands_for(const world& w, std::vector<command>& commands) {
  for (const auto& [key, value] : w.keys()) {
    if (value.type != data_type::stream) commands.push_back(command_for(key, value));
    for (const auto& entry : value.entries) {
      command add{"XADD", key, "*"};
      for (const auto& [field, text] : entry) add.insert(add.end(), {field, text.exact});
      commands.push_back(std::move(add));
    }
  }
  for (const auto& entry : w.index_entries()) {
    if (entry.score)
      commands.push_back({"ZADD", entry.index, entry.score->exact, entry.member});
    else
      commands.push_back({"SADD", entry.index, entry.member});
  }
}

std::vector<command> common_commands() {
  return {{"HSET", "ff:config:partitions", "num_flow_partitions", std::to_string(flow_partitions),
           "num_budget_partitions", std::to_string(budget_partitions), "num_quota_partitions",
           std::to_string(quota_partitions)}};
}

std::size_t seed(store& to, const workloads& loads, bool in_run, const std::function<bool()>& go_on) {
  std::size_t written = 0;
  std::vector<command> commands;
  for (const auto& load : loads) {
    for (const auto& r : load->records()) {
      if (load->is_in_run(r) != in_run) continue;
      commands_for(load->before(r), commands);
      ++written;
      if (commands.size() < commands_per_batch) continue;
      flush(to, commands);
      if (!go_on()) return written;
    }
  }
  flush(to, commands);
  return written;
}

}  // namespace scanhost::demo
