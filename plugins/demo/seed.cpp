// SPDX-License-Identifier: Apache-2.0
//
// Records become commands, some thousand in one write.
#include "seed.hpp"

#include "problem.hpp"

namespace scanhost::demo {
namespace {

constexpr std::size_t commands_per_batch = 2000;

template <class... Kinds>
struct by_kind : Kinds... {
  using Kinds::operator()...;
};
template <class... Kinds>
by_kind(Kinds...) -> by_kind<Kinds...>;

command with_fields(command words, const auto& pairs) {
  for (const auto& [field, content] : pairs) {
    words.push_back(field);
    words.push_back(content.exact);
  }
  return words;
}

void write_key(const std::string& key, const value& content, std::vector<command>& commands) {
  std::visit(by_kind{[&](const plain& plain_text) {
                       commands.push_back({"SET", key, plain_text.value.exact});
                     },
                     [&](const expiring& expiring_text) {
                       commands.push_back(
                           {"SET", key, expiring_text.value.exact, "PX", std::to_string(expiring_text.ttl)});
                     },
                     [&](const hash& hash_fields) {
                       commands.push_back(with_fields({"HSET", key}, hash_fields.value));
                     },
                     [&](const members& set_members) {
                       command words{"SADD", key};
                       words.insert(words.end(), set_members.value.begin(), set_members.value.end());
                       commands.push_back(std::move(words));
                     },
                     [&](const scored& scored_members) {
                       command words{"ZADD", key};
                       for (const auto& [member, score] : scored_members.value) {
                         words.push_back(score.exact);
                         words.push_back(member);
                       }
                       commands.push_back(std::move(words));
                     },
                     [&](const stream& stream_entries) {
                       for (const auto& entry : stream_entries.value)
                         commands.push_back(with_fields({"XADD", key, "*"}, entry));
                     }},
             content);
}

void flush(store& to, std::vector<command>& commands) {
  const auto replies = to.batch(commands);
  for (std::size_t at = 0; at < replies.size(); ++at) {
    if (replies[at].kind == reply::kind::error) {
      throw problem("the demo's server refused " + commands[at][0] + " " + commands[at][1] + ": " +
                    replies[at].text);
    }
  }
  commands.clear();
}

}  // namespace

void commands_for(const world& w, std::vector<command>& commands) {
  for (const auto& [key, content] : w.keys()) write_key(key, content, commands);
  for (const auto& place : w.places()) {
    if (place.score) {
      commands.push_back({"ZADD", place.index, place.score->exact, place.member});
    } else {
      commands.push_back({"SADD", place.index, place.member});
    }
  }
}

std::vector<command> common_commands() {
  return {{"HSET", "ff:config:partitions", "num_flow_partitions", std::to_string(flow_partitions),
           "num_budget_partitions", std::to_string(budget_partitions), "num_quota_partitions",
           std::to_string(quota_partitions)}};
}

std::size_t seed(store& to, const std::vector<std::unique_ptr<workload>>& workloads, bool in_the_run,
                 const std::function<bool()>& go_on) {
  std::size_t written = 0;
  std::vector<command> commands;
  for (const auto& workload : workloads) {
    for (const auto& r : workload->records()) {
      if (workload->in_the_run(r) != in_the_run) continue;
      commands_for(workload->before(r), commands);
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
