// SPDX-License-Identifier: Apache-2.0
//
// An idle cycle: TIME, and one query for each of 256 empty partitions.
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "bench/measure.hpp"
#include "bench/raw_nodes.hpp"
#include "bench/statistics.hpp"
#include "bench/workload.hpp"

namespace scanhost::bench {
namespace {

constexpr int cycles_a_round = 100;

double raw_cycle_ms(raw_nodes& client) {
  const auto begin = std::chrono::steady_clock::now();
  const auto now = std::to_string(client.time_ms());
  for (std::size_t i = 0; i < flow_partitions; ++i) {
    const auto key = fmt::format("ff:idx:{}:lease_expiry", partition_tag(i));
    client.append({"ZRANGEBYSCORE", key, "-inf", now, "WITHSCORES", "LIMIT", "0", "50"});
  }
  client.drain(flow_partitions);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double raw_round_ms(raw_nodes& client) {
  std::vector<double> samples;
  for (int i = 0; i < cycles_a_round; ++i) samples.push_back(raw_cycle_ms(client));
  return median(std::move(samples));
}

double host_round_ms(const place& where, const host_config& config) {
  const auto printed = run_host(where.host, {"run", "--cycles", std::to_string(cycles_a_round), "--json",
                                             "--log-level", "error", "--config", config.file().string()});
  std::vector<double> samples;
  const auto reports = nlohmann::json::parse(printed);
  for (const auto& cycle : reports.at(0).at("cycles"))
    samples.push_back(cycle.at("elapsed_ms").get<double>());
  return median(std::move(samples));
}

}  // namespace

std::vector<idle_figures> measure_idle(const std::vector<place>& builds, int rounds) {
  raw_nodes client(builds.front());
  client.call_each({"FLUSHALL"});
  std::vector<std::vector<double>> ours(builds.size());
  std::vector<std::vector<double>> raw(builds.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < builds.size(); ++i) {
      const host_config config(builds[i].host, builds[i].url, {{"lease_expiry", ""}});
      ours[i].push_back(host_round_ms(builds[i], config));
      raw[i].push_back(raw_round_ms(client));
    }
  }
  std::vector<idle_figures> figures;
  for (std::size_t i = 0; i < builds.size(); ++i) figures.push_back({median(ours[i]), median(raw[i])});
  return figures;
}

}  // namespace scanhost::bench
