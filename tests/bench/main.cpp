// SPDX-License-Identifier: Apache-2.0
//
// scanhost_bench: compares the real host with a bare client on a private server, in one run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "bench/cores.hpp"
#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "bench/scanner_work.hpp"
#include "bench/statistics.hpp"
#include "support/private_cluster.hpp"
#include "support/private_server.hpp"

namespace scanhost::bench {
namespace {

const std::vector<std::string> parts{"idle",      "drain",   "lateness",   "rest",   "scanners",
                                     "functions", "backlog", "foreground", "reload", "cluster"};

struct options {
  bool json = false;
  bool apart = false;
  int repeat = 1;
  int rounds = 5;
  std::size_t items = 100'000;
  std::size_t lateness_items = 10'000;
  double lateness_seconds = 20;
  double rest_seconds = 60;
  std::size_t scanner_items = 4'000;
  std::size_t backlog_items = 1'000'000;
  double foreground_seconds = 60;
  double foreground_target_us = 0;
  int reloads = 100;
  std::vector<std::string> only;
  std::vector<std::string> scanners = scanners_with_work();
  host_paths host{std::filesystem::read_symlink("/proc/self/exe").parent_path() / "scanhost",
                  std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "plugins"};
  host_paths before;  // no program: there is none
};

// Those with a backlog take minutes and gigabytes, the reloads take a while, and a cluster needs ports of
// TCP, so these run only on request.
bool is_chosen(const options& chosen, const std::string& part) {
  static const std::set<std::string> on_request{"backlog", "foreground", "reload", "cluster"};
  if (chosen.only.empty()) return !on_request.contains(part);
  return std::find(chosen.only.begin(), chosen.only.end(), part) != chosen.only.end();
}

// The builds of the host that take turns, and how their figures begin.
std::vector<place> builds_of(const options& chosen, const place& where) {
  std::vector<place> builds{where};
  if (chosen.before.program.empty()) return builds;
  builds.push_back(where);
  builds.back().host = chosen.before;
  return builds;
}
constexpr std::array<const char*, 2> prefixes{"", "before_"};

void add_idle(const std::string& prefix, const options& chosen, const place& where, figure_list& to) {
  const auto builds = measure_idle(builds_of(chosen, where), chosen.rounds);
  for (std::size_t i = 0; i < builds.size(); ++i) {
    to.emplace_back(prefixes[i] + prefix + "idle_cycle_ms", builds[i].cycle_ms);
    to.emplace_back(prefixes[i] + prefix + "idle_raw_ms", builds[i].raw_ms);
    to.emplace_back(prefixes[i] + prefix + "idle_ratio", builds[i].cycle_ms / builds[i].raw_ms);
  }
}

void add_drain(const std::string& prefix, const options& chosen, const place& where, figure_list& to) {
  const auto builds = measure_drain(builds_of(chosen, where), chosen.rounds, chosen.items);
  for (std::size_t i = 0; i < builds.size(); ++i) {
    to.emplace_back(prefixes[i] + prefix + "drain_per_s", builds[i].per_s);
    to.emplace_back(prefixes[i] + prefix + "drain_raw_per_s", builds[i].raw_per_s);
    to.emplace_back(prefixes[i] + prefix + "drain_ratio", builds[i].per_s / builds[i].raw_per_s);
  }
}

void add_idle(const options& chosen, const place& where, figure_list& to) { add_idle("", chosen, where, to); }

void add_drain(const options& chosen, const place& where, figure_list& to) {
  add_drain("", chosen, where, to);
}

// Three primaries, the host over TCP like the bare client.
void add_cluster(const options& chosen, const place& server, figure_list& to) {
  test_support::private_cluster cluster;
  place where = server;
  for (std::size_t node = 0; node < cluster.size(); ++node) {
    where.ports.push_back(cluster.node(node).port());
    raw_client(where.ports.back()).call({"FUNCTION", "LOAD", where.library});
  }
  where.url = fmt::format("valkey://127.0.0.1:{}", where.ports.front());
  add_idle("cluster_", chosen, where, to);
  add_drain("cluster_", chosen, where, to);
}

void add_lateness(const options& chosen, const place& where, figure_list& to) {
  const auto lateness = measure_lateness(where, chosen.lateness_items, chosen.lateness_seconds);
  to.emplace_back("lateness_known_items", static_cast<double>(lateness.known));
  to.emplace_back("lateness_p50_ms", lateness.p50_ms);
  to.emplace_back("lateness_p99_ms", lateness.p99_ms);
  to.emplace_back("lateness_max_ms", lateness.max_ms);
}

void add_rest(const options& chosen, const place& where, figure_list& to) {
  const auto rest = measure_rest(where, chosen.rest_seconds);
  to.emplace_back("rest_scanners", static_cast<double>(rest.scanners));
  to.emplace_back("rest_cpu_percent", rest.cpu_percent);
  to.emplace_back("rest_rss_mib", rest.rss_mib);
  to.emplace_back("rest_commands_per_s", rest.commands_per_s);
}

void add_scanners(const options& chosen, const place& where, figure_list& to) {
  for (const auto& name : chosen.scanners) {
    const auto builds = measure_scanner(builds_of(chosen, where), name, chosen.rounds, chosen.scanner_items);
    for (std::size_t i = 0; i < builds.size(); ++i) {
      const auto prefix = fmt::format("{}scanner_{}_", prefixes[i], name);
      to.emplace_back(prefix + "items", static_cast<double>(builds[i].items));
      to.emplace_back(prefix + "commands", static_cast<double>(builds[i].commands));
      to.emplace_back(prefix + "per_s", builds[i].per_s);
      to.emplace_back(prefix + "raw_per_s", builds[i].raw_per_s);
      to.emplace_back(prefix + "ratio", builds[i].per_s / builds[i].raw_per_s);
    }
  }
}

void add_functions(const options& chosen, const place& where, figure_list& to) {
  for (const auto& function :
       measure_functions(where, chosen.scanners, chosen.rounds, chosen.scanner_items)) {
    to.emplace_back("function_" + function.name + "_calls", static_cast<double>(function.calls));
    to.emplace_back("function_" + function.name + "_us", function.us);
    to.emplace_back("function_" + function.name + "_raw_us", function.raw_us);
    to.emplace_back("function_" + function.name + "_ratio", function.us / function.raw_us);
  }
}

void add_backlog(const options& chosen, const place& where, figure_list& to) {
  const auto backlog = measure_backlog(where, chosen.backlog_items);
  to.emplace_back("backlog_items", static_cast<double>(chosen.backlog_items));
  to.emplace_back("backlog_seconds", backlog.seconds);
  to.emplace_back("backlog_peak_rss_mib", backlog.peak_rss_mib);
  to.emplace_back("backlog_slowlog_entries", static_cast<double>(backlog.slowlog_entries));
}

void add_phase(const std::string& name, const foreground_phase& phase, const foreground_phase& alone,
               figure_list& to) {
  to.emplace_back("foreground_" + name + "_p50_us", phase.p50_us);
  to.emplace_back("foreground_" + name + "_p99_us", phase.p99_us);
  if (&phase == &alone) return;
  to.emplace_back("foreground_" + name + "_p99_ratio", phase.p99_us / alone.p99_us);
  to.emplace_back("foreground_" + name + "_items", static_cast<double>(phase.items));
  to.emplace_back("foreground_" + name + "_items_per_s", phase.items_per_s);
}

void add_foreground(const options& chosen, const place& where, figure_list& to) {
  const auto figures =
      measure_foreground(where, chosen.backlog_items, chosen.foreground_seconds, chosen.foreground_target_us);
  to.emplace_back("foreground_requests_per_s", figures.requests_per_s);
  add_phase("alone", figures.alone, figures.alone, to);
  to.emplace_back("foreground_alone_probe_us", figures.alone_probe_us);
  add_phase("drain", figures.drain, figures.alone, to);
  to.emplace_back("foreground_target_us", figures.target_us);
  add_phase("loop", figures.loop, figures.alone, to);
}

void add_reload(const options& chosen, const place& where, figure_list& to) {
  const auto reload = measure_reload_gap(where, chosen.reloads);
  to.emplace_back("reloads", static_cast<double>(reload.reloads));
  to.emplace_back("reload_gap_ms", reload.gap_ms);
  to.emplace_back("reload_longest_gap_ms", reload.max_gap_ms);
}

figure_list measure_all(const options& chosen, const place& where) {
  const std::map<std::string, void (*)(const options&, const place&, figure_list&)> measures{
      {"idle", add_idle},       {"drain", add_drain},           {"lateness", add_lateness},
      {"rest", add_rest},       {"scanners", add_scanners},     {"functions", add_functions},
      {"backlog", add_backlog}, {"foreground", add_foreground}, {"reload", add_reload},
      {"cluster", add_cluster}};
  figure_list figures;
  for (const auto& part : parts)
    if (is_chosen(chosen, part)) measures.at(part)(chosen, where, figures);
  return figures;
}

// Every measurement as often as requested.
nlohmann::ordered_json measure_repeatedly(const options& chosen, const place& where) {
  std::vector<figure_list> repeats;
  for (int i = 0; i < chosen.repeat; ++i) repeats.push_back(measure_all(chosen, where));
  nlohmann::ordered_json figures;
  for (const auto& [name, value] : medians(repeats)) {
    const auto rounded = std::round(value * 1000) / 1000;
    auto& figure = figures[name];
    figure = rounded;
    if (rounded == std::floor(rounded)) figure = static_cast<std::int64_t>(rounded);
  }
  return figures;
}

int run(const options& chosen) {
  const auto cores = split_own_cores();
  if (chosen.apart) run_on(cores.first);
  test_support::private_server server;
  if (chosen.apart) run_on(cores.others);
  const place where{.host = chosen.host,
                    .socket_path = server.socket_path(),
                    .url = "unix://" + server.socket_path(),
                    .library = run_host(chosen.host, {"functions", "print"})};
  raw_client(where.socket_path).call({"FUNCTION", "LOAD", where.library});
  const auto figures = measure_repeatedly(chosen, where);
  if (chosen.json) {
    fmt::print("{}\n", figures.dump(2));
  } else {
    for (const auto& [name, value] : figures.items()) fmt::print("{:<38} {}\n", name, value.dump());
  }
  return 0;
}

}  // namespace
}  // namespace scanhost::bench

int main(int argc, char** argv) try {
  scanhost::bench::options chosen;
  CLI::App app(
      "Measures scanhost beside a bare client that pipelines the same commands, on a private server.",
      "scanhost_bench");
  app.add_flag("--json", chosen.json, "print JSON");
  app.add_flag("--apart", chosen.apart,
               "the server has the first core for itself, and all others get the rest: so figures vary less");
  app.add_option(
         "--only", chosen.only,
         "a part: idle, drain, lateness, rest, scanners, functions, backlog, foreground, reload, cluster; may be given again (default: all but the last four)")
      ->check(CLI::IsMember(scanhost::bench::parts));
  app.add_option("--repeat", chosen.repeat, "measure everything this often; the medians count")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--rounds", chosen.rounds,
                 "rounds of idle, drain, scanners and functions, of which the median counts")
      ->capture_default_str();
  app.add_option("--items", chosen.items, "due items to drain")->capture_default_str();
  app.add_option("--lateness-items", chosen.lateness_items, "items that come due")->capture_default_str();
  app.add_option("--lateness-seconds", chosen.lateness_seconds, "over how long they come due")
      ->capture_default_str();
  app.add_option("--rest-seconds", chosen.rest_seconds, "how long to watch the host at rest")
      ->capture_default_str();
  app.add_option("--scanner", chosen.scanners,
                 "only this scanner in the parts scanners and functions; may be given again")
      ->check(CLI::IsMember(scanhost::bench::scanners_with_work()));
  app.add_option("--scanner-items", chosen.scanner_items, "due items for each scanner and function")
      ->capture_default_str();
  app.add_option("--backlog-items", chosen.backlog_items, "due items of the backlog")->capture_default_str();
  app.add_option("--foreground-seconds", chosen.foreground_seconds,
                 "how long each phase of foreground takes at most")
      ->check(CLI::Range(1.0, 86'400.0))
      ->capture_default_str();
  app.add_option(
         "--foreground-target-us", chosen.foreground_target_us,
         "target_latency of the closed loop; 0: a tenth above what TIME takes beside the client alone")
      ->check(CLI::Range(0.0, 60'000'000.0))
      ->capture_default_str();
  app.add_option("--reloads", chosen.reloads, "how often a plugin is replaced")->capture_default_str();
  app.add_option("--host", chosen.host.program, "the scanhost program")->capture_default_str();
  app.add_option("--plugins", chosen.host.plugins, "its plugins")->capture_default_str();
  auto* before =
      app.add_option(
             "--before", chosen.before.program,
             "another scanhost program, which takes turns with --host at the same server in idle, drain, scanners and cluster; its figures begin with before_")
          ->check(CLI::ExistingFile);
  auto* plugins_before =
      app.add_option("--before-plugins", chosen.before.plugins, "its plugins")->check(CLI::ExistingDirectory);
  before->needs(plugins_before);
  plugins_before->needs(before);
  CLI11_PARSE(app, argc, argv);
  return scanhost::bench::run(chosen);
} catch (const std::exception& problem) {
  std::fprintf(stderr, "scanhost_bench: %s\n", problem.what());
  return 1;
}
