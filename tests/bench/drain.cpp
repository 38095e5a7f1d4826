// SPDX-License-Identifier: Apache-2.0
//
// Draining a backlog of due items: the bare client sends the same page queries and the same calls.
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/measure.hpp"
#include "bench/raw_nodes.hpp"
#include "bench/statistics.hpp"
#include "bench/workload.hpp"

namespace scanhost::bench {
namespace {

constexpr const char* page = "50";

void seed(raw_nodes& client, std::size_t items) {
  client.call_each({"FLUSHALL"});
  const auto now = client.time_ms();
  seed_delayed(client, items, now,
               [now](std::size_t i) { return now - 1000 - static_cast<std::int64_t>(i % 500); });
}

void check_all_promoted(raw_nodes& client, std::size_t items, const char* who) {
  if (const auto promoted = count_promoted(client); promoted != items)
    throw std::runtime_error(fmt::format("{} promoted {} of {} items", who, promoted, items));
}

// One page of every partition that is not empty yet: the queries in one pipeline, then the calls in another.
std::size_t raw_pages(raw_nodes& client, std::vector<std::size_t>& partitions, const std::string& now) {
  for (const auto partition : partitions) {
    const auto key = lane_key(partition, "delayed");
    client.append({"ZRANGEBYSCORE", key, "-inf", now, "WITHSCORES", "LIMIT", "0", page});
  }
  std::vector<reply_ptr> replies;
  for (std::size_t i = 0; i < partitions.size(); ++i) replies.push_back(client.read());
  std::size_t calls = 0;
  std::vector<std::size_t> more;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (replies[i]->elements == 0) continue;
    more.push_back(partitions[i]);
    const auto delayed = lane_key(partitions[i], "delayed");
    const auto eligible = lane_key(partitions[i], "eligible");
    for (std::size_t member = 0; member < replies[i]->elements; member += 2) {
      const std::string id(replies[i]->element[member]->str, replies[i]->element[member]->len);
      const auto core = core_key(id);
      client.append({"FCALL", "ff_promote_delayed", "3", core, delayed, eligible, id, now});
      ++calls;
    }
  }
  client.drain(calls);
  partitions = std::move(more);
  return calls;
}

double raw_rate(raw_nodes& client, std::size_t items) {
  seed(client, items);
  const auto begin = std::chrono::steady_clock::now();
  const auto now = std::to_string(client.time_ms());
  std::vector<std::size_t> partitions;
  for (std::size_t i = 0; i < flow_partitions; ++i) partitions.push_back(i);
  while (!partitions.empty()) raw_pages(client, partitions, now);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  check_all_promoted(client, items, "the bare client");
  return static_cast<double>(items) / elapsed.count();
}

double host_rate(const place& where, raw_nodes& client, const host_config& config, std::size_t items) {
  seed(client, items);
  const auto printed = run_host(
      where.host, {"run", "--once", "--json", "--log-level", "error", "--config", config.file().string()});
  check_all_promoted(client, items, "the host");
  const auto cycle = nlohmann::json::parse(printed).at(0).at("cycles").at(0);
  return static_cast<double>(items) / (cycle.at("elapsed_ms").get<double>() / 1000);
}

}  // namespace

std::vector<drain_figures> measure_drain(const std::vector<place>& builds, int rounds, std::size_t items) {
  raw_nodes client(builds.front());
  std::vector<std::vector<double>> ours(builds.size());
  std::vector<std::vector<double>> raw(builds.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < builds.size(); ++i) {
      const host_config config(builds[i].host, builds[i].url,
                               {{"delayed_promoter", "budget: {calls: 10000000, time: 600s}"}});
      ours[i].push_back(host_rate(builds[i], client, config, items));
      raw[i].push_back(raw_rate(client, items));
    }
  }
  std::vector<drain_figures> figures;
  for (std::size_t i = 0; i < builds.size(); ++i) figures.push_back({median(ours[i]), median(raw[i])});
  return figures;
}

}  // namespace scanhost::bench
