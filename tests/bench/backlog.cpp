// SPDX-License-Identifier: Apache-2.0
//
// The backlog of a long outage: how fast the host drains it, how much memory that takes, and whether any of
// its commands keeps the server busy for long.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "bench/workload.hpp"

namespace scanhost::bench {
namespace {

constexpr std::chrono::minutes backlog_patience{30};

// Counts from here on: the commands by which the bench writes the backlog are not counted.
void watch_slow_commands(raw_client& client) {
  client.call({"CONFIG", "SET", "slowlog-log-slower-than", "10000"});
  client.call({"CONFIG", "SET", "slowlog-max-len", "100000"});
  client.call({"SLOWLOG", "RESET"});
}

// How many of the slow commands were the host's; prints each to stderr.
std::size_t slow_commands(raw_client& client) {
  const auto log = client.call({"SLOWLOG", "GET", "-1"});
  std::size_t count = 0;
  for (const auto* entry : std::span(log->element, log->elements)) {
    const std::span parts(entry->element, entry->elements);  // id, time, us, arguments, address, name
    const std::string_view client_name(parts[5]->str, parts[5]->len);
    if (!client_name.starts_with("scanhost:")) continue;
    ++count;
    std::string text;
    for (const auto* word : std::span(parts[3]->element, parts[3]->elements))
      text += " " + std::string(word->str, word->len);
    fmt::print(stderr, "slow: {} us, {}:{}\n", parts[2]->integer, client_name, text);
  }
  return count;
}

void wait_until_drained(raw_client& client, std::size_t items) {
  const auto deadline = std::chrono::steady_clock::now() + backlog_patience;
  while (count_promoted(client) < items) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the backlog did not drain in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

backlog_figures measure_backlog(const place& where, std::size_t items) {
  raw_client client(where.socket_path);
  client.call({"FLUSHALL"});
  const auto now = client.time_ms();
  seed_delayed(client, items, now,
               [now](std::size_t i) { return now - 1000 - static_cast<std::int64_t>(i % 3'600'000); });
  watch_slow_commands(client);
  const host_config config(where.host, where.url, {{"delayed_promoter", ""}});
  const auto begin = std::chrono::steady_clock::now();
  host_service host(where.host, config);
  wait_until_drained(client, items);
  backlog_figures figures;
  figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  figures.peak_rss_mib = host.peak_rss_mib();
  figures.slowlog_entries = slow_commands(client);
  host.stop();
  client.call({"FLUSHALL"});
  return figures;
}

}  // namespace scanhost::bench
