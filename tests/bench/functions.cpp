// SPDX-License-Identifier: Apache-2.0
//
// The server's time per call of each function, from its own statistics, for the calls that the host makes for
// the work of the scanners. Only calls that change something count.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <stdexcept>

#include "bench/measure.hpp"
#include "bench/scanner_work.hpp"
#include "bench/statistics.hpp"
#include "bench/write_script.hpp"

namespace scanhost::bench {
namespace {

std::set<std::string, std::less<>> names_of_writes(raw_client& client) {
  const auto table = client.call({"COMMAND"});
  std::set<std::string, std::less<>> names;
  for (const auto* entry : std::span(table->element, table->elements)) {
    std::string name(entry->element[0]->str, entry->element[0]->len);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    for (const auto* flag : std::span(entry->element[2]->element, entry->element[2]->elements))
      if (std::string_view(flag->str, flag->len) == "write") names.insert(name);
  }
  return names;
}

// All calls of one function, in the order in which the host sent them.
struct call_group {
  std::string name;
  std::vector<command> ours;
  std::vector<command> substitutes;
  std::vector<double> us;
  std::vector<double> raw_us;
};

// Calls of different functions change different parts of an execution, or always follow each other:
// so they also work in the order "all calls of the first function, then all calls of the next".
std::vector<call_group> grouped(const std::vector<function_call>& calls, write_scripts& scripts) {
  std::vector<call_group> groups;
  for (const auto& call : calls) {
    auto group = std::ranges::find(groups, call.name(), &call_group::name);
    if (group == groups.end()) group = groups.insert(groups.end(), call_group{call.name(), {}, {}, {}, {}});
    group->ours.push_back(call.args);
    group->substitutes.push_back(scripts.substitute(call));
  }
  return groups;
}

struct usage {
  double calls = 0;
  double us = 0;
};

usage function_usage(raw_client& client) {
  const auto info = client.call({"INFO", "commandstats"});
  const std::string text(info->str, info->len);
  constexpr std::string_view head = "cmdstat_fcall:calls=";
  const auto at = text.find(head);
  if (at == std::string::npos) return {};
  return {std::strtod(text.c_str() + at + head.size(), nullptr),
          std::strtod(text.c_str() + text.find("usec=", at) + 5, nullptr)};
}

// Sends the calls and returns the server's time per call.
double us_per_call(raw_client& client, const std::vector<command>& commands) {
  const auto before = function_usage(client);
  std::vector<std::string_view> args;
  constexpr std::size_t window = 500;
  for (std::size_t at = 0; at < commands.size(); at += window) {
    const auto end = std::min(commands.size(), at + window);
    for (auto i = at; i < end; ++i) {
      args.assign(commands[i].begin(), commands[i].end());
      client.append(args);
    }
    client.drain(end - at);
  }
  const auto after = function_usage(client);
  if (after.calls - before.calls != static_cast<double>(commands.size()))
    throw std::runtime_error("the server counted calls that this benchmark did not send");
  return (after.us - before.us) / static_cast<double>(commands.size());
}

std::vector<call_group> measure_work(const place& where, raw_client& client, const std::string& scanner,
                                     int rounds, std::size_t items) {
  const scanner_work work(scanner, items, client.time_ms());
  const host_config config(where.host, where.url, {{scanner, keys_for_work(scanner)}});
  work.write(client);
  const auto lines = record(where.socket_path, [&] {
    run_host(where.host,
             {"run", "--once", "--json", "--log-level", "off", "--config", config.file().string()});
  });
  write_scripts scripts;
  auto groups = grouped(calls_that_write(lines, names_of_writes(client)), scripts);
  if (groups.empty()) return groups;
  client.call({"FUNCTION", "LOAD", "REPLACE", scripts.library()});
  const auto measure_ours = [&] {
    work.write(client);
    for (auto& group : groups) group.us.push_back(us_per_call(client, group.ours));
  };
  const auto measure_substitutes = [&] {
    work.write(client);
    for (auto& group : groups) group.raw_us.push_back(us_per_call(client, group.substitutes));
  };
  // Who comes first changes from round to round, because the second finds the server warm.
  for (int round = 0; round < rounds; ++round) {
    if (round % 2 == 1) measure_substitutes();
    measure_ours();
    if (round % 2 == 0) measure_substitutes();
  }
  client.call({"FUNCTION", "DELETE", "scanhost_bench"});
  return groups;
}

}  // namespace

// Some functions are called by several scanners: the first such scanner represents them all.
std::vector<function_figures> measure_functions(const place& where, const std::vector<std::string>& scanners,
                                                int rounds, std::size_t items) {
  raw_client client(where.socket_path);
  std::vector<function_figures> results;
  for (const auto* scanner :
       {"lease_expiry", "delayed_promoter", "execution_deadline", "suspension_timeout", "pending_wp_expiry",
        "budget_reset", "cancel_reconciler", "unblock", "dependency_reconciler"}) {
    if (std::ranges::find(scanners, scanner) == scanners.end()) continue;
    for (auto& group : measure_work(where, client, scanner, rounds, items)) {
      if (std::ranges::find(results, group.name, &function_figures::name) != results.end()) continue;
      results.push_back({group.name, group.ours.size(), median(group.us), median(group.raw_us)});
    }
  }
  return results;
}

}  // namespace scanhost::bench
