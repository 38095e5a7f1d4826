// SPDX-License-Identifier: Apache-2.0
//
// Each scanner with a lot of due work. The bare client sends exactly the commands that the host sent for the
// same work, in the same order, but knows them all in advance: it waits for no reply
// before it goes on and decides nothing. So it is as fast as one connection can be.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/command_stream.hpp"
#include "bench/measure.hpp"
#include "bench/scanner_work.hpp"
#include "bench/statistics.hpp"

namespace scanhost::bench {
namespace {

struct outcome {
  double ms = 0;
  double processed = 0;  // by the host
  std::int64_t keys = 0;
  double errors = 0;
};

double error_replies(raw_client& client) {
  const auto info = client.call({"INFO", "stats"});
  const std::string text(info->str, info->len);
  constexpr std::string_view name = "total_error_replies:";
  return std::strtod(text.c_str() + text.find(name) + name.size(), nullptr);
}

// Writes the work, has it done, and reads what is in the server afterwards.
template <class Do>
outcome done(raw_client& client, const scanner_work& work, Do&& how) {
  work.write(client);
  const auto errors = error_replies(client);
  outcome result;
  how(result);
  result.errors = error_replies(client) - errors;
  result.keys = client.call({"DBSIZE"})->integer;
  return result;
}

outcome by_host(const place& where, raw_client& client, const host_config& config, const scanner_work& work) {
  return done(client, work, [&](outcome& result) {
    const auto printed = run_host(
        where.host, {"run", "--once", "--json", "--log-level", "off", "--config", config.file().string()});
    const auto report = nlohmann::json::parse(printed).at(0);
    result.ms = report.at("elapsed_ms").get<double>();
    result.processed = report.at("processed").get<double>();
  });
}

outcome by_bare_client(raw_client& client, const std::vector<command>& commands, const scanner_work& work) {
  return done(client, work, [&](outcome& result) {
    const auto begin = std::chrono::steady_clock::now();
    replay(client, commands);
    result.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  });
}

void check_same(const std::string& scanner, const outcome& ours, const outcome& raw) {
  if (ours.keys == raw.keys && ours.errors == raw.errors) return;
  throw std::runtime_error(
      fmt::format("{}: the host left {} keys after {} error replies, the bare client {} after {}", scanner,
                  ours.keys, ours.errors, raw.keys, raw.errors));
}

}  // namespace

scanner_figures measure_scanner(const place& where, const std::string& scanner, int rounds,
                                std::size_t items) {
  raw_client client(where.socket_path);
  const scanner_work work(scanner, items, client.time_ms());
  const host_config config(where.host, where.url, {{scanner, keys_for_work(scanner)}});
  work.write(client);
  const auto commands = commands_of_cycle(record(where.socket_path, [&] {
    run_host(where.host,
             {"run", "--once", "--json", "--log-level", "off", "--config", config.file().string()});
  }));
  scanner_figures figures;
  figures.name = scanner;
  figures.commands = commands.size();
  std::vector<double> ours_ms;
  std::vector<double> raw_ms;
  for (int round = 0; round < rounds; ++round) {
    const auto ours = by_host(where, client, config, work);
    const auto raw = by_bare_client(client, commands, work);
    check_same(scanner, ours, raw);
    figures.items = static_cast<std::size_t>(ours.processed);
    ours_ms.push_back(ours.ms);
    raw_ms.push_back(raw.ms);
  }
  figures.per_s = static_cast<double>(figures.items) / median(std::move(ours_ms)) * 1000;
  figures.raw_per_s = static_cast<double>(figures.items) / median(std::move(raw_ms)) * 1000;
  return figures;
}

}  // namespace scanhost::bench
