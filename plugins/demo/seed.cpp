// SPDX-License-Identifier: Apache-2.0
#include "seed.hpp"

#include "ending.hpp"

namespace scanhost::demo {
namespace {

constexpr std::size_t commands_per_batch = 2000;

constexpr const char* verbs[] = {"SET", "HSET", "SADD", "ZADD"};  // in the order of data_type

command command_for(const std::string& key, const content& value) {
  command words{verbs[static_cast<std::size_t>(value.type)], key};
  for (const auto& [name, text] : value.items) {
    if (value.type == data_type::sorted_set) words.push_back(text.exact);
    if (value.type != data_type::string) words.push_back(name);
    if (value.type == data_type::string || value.type == data_type::hash) words.push_back(text.exact);
  }
  if (value.ttl > 0) words.insert(words.end(), {"PX", std::to_string(value.ttl)});
  return words;
}

void flush(store& to, std::vector<command>& commands) {
  const auto replies = to.batch(commands);
  for (std::size_t at = 0; at < replies.size(); ++at) {
    if (replies[at].kind == reply_kind::error)
      fail("the demo's server refused {} {}: {}", commands[at][0], commands[at][1], replies[at].text);
  }
  commands.clear();
}

}  // namespace

void commands_for(const world& w, std::vector<command>& commands) {
  for (const auto& [at, value] : w.contents()) {
    if (value.type != data_type::stream) commands.push_back(command_for(at.key, value));
    for (const auto& entry : value.entries) {
      command add{"XADD", at.key, "*"};
      for (const auto& [field, text] : entry) add.insert(add.end(), {field, text.exact});
      commands.push_back(std::move(add));
    }
  }
}

std::vector<command> common_commands() {
  return {{"HSET", "ff:config:partitions", "num_flow_partitions", std::to_string(flow_partitions),
           "num_budget_partitions", std::to_string(budget_partitions), "num_quota_partitions",
           std::to_string(quota_partitions)}};
}

std::size_t seed(store& to, const workloads& loads, bool in_run) {
  std::size_t written = 0;
  std::vector<command> commands;
  for (const auto& load : loads) {
    for (const auto& r : load.records()) {
      if (load.is_in_run(r) != in_run) continue;
      commands_for(load.before(r), commands);
      ++written;
      if (commands.size() < commands_per_batch) continue;
      flush(to, commands);
      if (interrupted()) return written;
    }
  }
  flush(to, commands);
  return written;
}

}  // namespace scanhost::demo
