// SPDX-License-Identifier: Apache-2.0
//
// scanhost_bench: the real host beside a bare client, on a private server, in one run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "support/private_server.hpp"

namespace scanhost::bench {
namespace {

struct options {
  bool json = false;
  int rounds = 5;
  std::size_t items = 100'000;
  std::size_t lateness_items = 10'000;
  double lateness_seconds = 20;
  double rest_seconds = 60;
  std::vector<std::string> only;
  host_paths host{std::filesystem::read_symlink("/proc/self/exe").parent_path() / "scanhost",
                  std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "plugins"};
};

bool wanted(const options& chosen, const std::string& part) {
  return chosen.only.empty() || std::find(chosen.only.begin(), chosen.only.end(), part) != chosen.only.end();
}

nlohmann::ordered_json measure_all(const options& chosen, const place& where) {
  nlohmann::ordered_json figures;
  const auto round = [](double value) { return std::round(value * 1000) / 1000; };
  if (wanted(chosen, "idle")) {
    const auto idle = measure_idle(where, chosen.rounds);
    figures["idle_cycle_ms"] = round(idle.cycle_ms);
    figures["idle_raw_ms"] = round(idle.raw_ms);
    figures["idle_ratio"] = round(idle.cycle_ms / idle.raw_ms);
  }
  if (wanted(chosen, "drain")) {
    const auto drain = measure_drain(where, chosen.rounds, chosen.items);
    figures["drain_per_s"] = round(drain.per_s);
    figures["drain_raw_per_s"] = round(drain.raw_per_s);
    figures["drain_ratio"] = round(drain.per_s / drain.raw_per_s);
  }
  if (wanted(chosen, "lateness")) {
    const auto lateness = measure_lateness(where, chosen.lateness_items, chosen.lateness_seconds);
    figures["lateness_p50_ms"] = round(lateness.p50_ms);
    figures["lateness_p99_ms"] = round(lateness.p99_ms);
    figures["lateness_max_ms"] = round(lateness.max_ms);
  }
  if (wanted(chosen, "rest")) {
    const auto rest = measure_rest(where, chosen.rest_seconds);
    figures["rest_scanners"] = rest.scanners;
    figures["rest_cpu_percent"] = round(rest.cpu_percent);
    figures["rest_rss_mib"] = round(rest.rss_mib);
    figures["rest_commands_per_s"] = round(rest.commands_per_s);
  }
  return figures;
}

int run(const options& chosen) {
  test_support::private_server server;
  const place where{chosen.host, server.socket_path(), run_host(chosen.host, {"functions", "print"})};
  raw_client(where.socket_path).call({"FUNCTION", "LOAD", where.library});
  const auto figures = measure_all(chosen, where);
  if (chosen.json) {
    fmt::print("{}\n", figures.dump(2));
  } else {
    for (const auto& [name, value] : figures.items()) fmt::print("{:<22} {}\n", name, value.dump());
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
  app.add_option("--only", chosen.only, "idle, drain, lateness, rest; may be given again (default: all)")
      ->check(CLI::IsMember({"idle", "drain", "lateness", "rest"}));
  app.add_option("--rounds", chosen.rounds, "rounds of idle and drain, of which the median counts")
      ->capture_default_str();
  app.add_option("--items", chosen.items, "due items to drain")->capture_default_str();
  app.add_option("--lateness-items", chosen.lateness_items, "items that come due")->capture_default_str();
  app.add_option("--lateness-seconds", chosen.lateness_seconds, "over how long they come due")
      ->capture_default_str();
  app.add_option("--rest-seconds", chosen.rest_seconds, "how long to watch the host at rest")
      ->capture_default_str();
  app.add_option("--host", chosen.host.program, "the scanhost program")->capture_default_str();
  app.add_option("--plugins", chosen.host.plugins, "its plugins")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return scanhost::bench::run(chosen);
} catch (const std::exception& problem) {
  std::fprintf(stderr, "scanhost_bench: %s\n", problem.what());
  return 1;
}
