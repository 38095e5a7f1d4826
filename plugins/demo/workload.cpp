// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include <algorithm>
#include <numeric>

#include "common/ids.hpp"
#include "ending.hpp"

namespace scanhost::demo {
namespace {

std::int64_t due_time(comes_due when, const timing& times, dice& chance) noexcept {
  if (when == comes_due::never) return 0;
  const bool waits = when == comes_due::overdue || (when == comes_due::mostly_in_run && chance.one_in(5));
  return waits ? times.overdue(chance) : times.in_the_run(chance);
}

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

std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions) {
  return ff::partition_of(ff::parse_uuid(uuid).value(), partitions);
}

std::size_t draw(dice& chance, std::span<const int> shares) noexcept {
  auto left = chance.between(1, std::accumulate(shares.begin(), shares.end(), 0));
  std::size_t row = 0;
  while ((left -= shares[row]) > 0) ++row;
  return row;
}

void workload::plan(const timing& times, dice& chance, std::size_t executions) {
  times_ = times;
  std::vector<int> shares;
  for (const auto& row : rows_) {
    if (row.share == 0) records_.push_back({chance.roll(), 0, 0, 0, shares.size()});
    shares.push_back(row.share);
  }
  for (std::size_t count = 0, turn = 0; count < executions; ++turn) {
    record r{chance.roll(), static_cast<std::uint32_t>(turn % flow_partitions), 0, 0, draw(chance, shares)};
    const auto& row = rows_[r.situation];
    r.executions = static_cast<std::uint32_t>(chance.between(row.executions.min, row.executions.max));
    if (hashed_over_ > 0) r.partition = partition_of(dice(r.seed).uuid(), hashed_over_);
    r.due = due_time(row.when, times, chance);
    count += std::max(r.executions, 1U);
    records_.push_back(r);
  }
}

world workload::before(const record& r) const {
  world w;
  rows_[r.situation].write({w, r, times_, scanner});
  return w;
}

void workload::retime(std::int64_t start, std::int64_t end) {
  auto run = times_;
  run.start = start;
  run.end = end;
  const auto span = std::max<std::int64_t>(times_.last_due() - times_.start, 1);
  for (auto& r : records_) {
    if (is_in_run(r)) r.due = start + (r.due - times_.start) * (run.last_due() - start) / span;
  }
  times_ = run;
}

workloads workloads_for(const std::vector<std::string>& plugins) {
  workloads loads;
  for (const auto add : {add_execution_work, add_limit_work, add_dependency_work, add_flow_work}) add(loads);
  std::erase_if(
      loads, [&](const workload& load) { return std::ranges::find(plugins, load.scanner) == plugins.end(); });
  return loads;
}

void plan_all(workloads& loads, const timing& times, std::uint64_t seed, std::size_t executions) {
  constexpr std::size_t fewer = 100;
  std::size_t total = 0;
  for (const auto& load : loads) total += load.weight;
  // Some of what is planned stands for no execution, such as a member that is missing.
  executions += executions / 50;
  for (auto& load : loads) {
    dice chance(seed ^ std::hash<std::string_view>{}(load.scanner));
    load.plan(times, chance,
              load.weight > 0 ? (executions * load.weight + total - 1) / std::max<std::size_t>(total, 1)
                              : executions / fewer + 1);
  }
}

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
