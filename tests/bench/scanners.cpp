// SPDX-License-Identifier: Apache-2.0
//
// Each scanner with a lot of due work. The bare client sends exactly the commands that the host sent for the
// same work, in the same order, but knows them all in advance: it waits for no reply
// before it goes on and decides nothing. So it is as fast as one connection can be.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

// One build of the host with its plugins, and what it sends.
class contestant {
 public:
  contestant(const place& where, raw_client& client, std::string scanner, const scanner_work& work)
      : where_(where),
        client_(client),
        scanner_(std::move(scanner)),
        work_(work),
        config_(where.host, where.url, {{scanner_, keys_for_work(scanner_)}}) {
    work.write(client);
    commands_ = commands_of_cycle(record(where.socket_path, [&] {
      run_host(where.host,
               {"run", "--once", "--json", "--log-level", "off", "--config", config_.file().string()});
    }));
  }

  void take_turn() {
    const auto ours = by_host(where_, client_, config_, work_);
    const auto raw = by_bare_client(client_, commands_, work_);
    check_same(scanner_, ours, raw);
    items_ = static_cast<std::size_t>(ours.processed);
    ours_ms_.push_back(ours.ms);
    raw_ms_.push_back(raw.ms);
  }

  scanner_figures figures() const {
    return {scanner_, items_, commands_.size(), static_cast<double>(items_) / median(ours_ms_) * 1000,
            static_cast<double>(items_) / median(raw_ms_) * 1000};
  }

 private:
  const place& where_;
  raw_client& client_;
  const std::string scanner_;
  const scanner_work& work_;
  host_config config_;
  std::vector<command> commands_;
  std::size_t items_ = 0;
  std::vector<double> ours_ms_;
  std::vector<double> raw_ms_;
};

}  // namespace

std::vector<scanner_figures> measure_scanner(const std::vector<place>& builds, const std::string& scanner,
                                             int rounds, std::size_t items) {
  raw_client client(builds.front().socket_path);
  const scanner_work work(scanner, items, client.time_ms());
  std::vector<std::unique_ptr<contestant>> contestants;
  for (const auto& where : builds)
    contestants.push_back(std::make_unique<contestant>(where, client, scanner, work));
  for (int round = 0; round < rounds; ++round)
    for (const auto& each : contestants) each->take_turn();
  std::vector<scanner_figures> figures;
  for (const auto& each : contestants) figures.push_back(each->figures());
  return figures;
}

}  // namespace scanhost::bench
