// SPDX-License-Identifier: Apache-2.0
//
// `scanhost run`: the daemon, or with --cycles some full cycles and their counters.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "boot/run_cycles.hpp"
#include "boot/service.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"
#include "plan/assembly.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

constexpr int signal_exit_base = 128;  // as shells report a process that a signal ended

void put(ordered_json& to, const runner::counts& counts) {
  to["processed"] = counts.processed;
  to["unchanged"] = counts.unchanged;
  to["errors"] = counts.errors;
  to["skipped"] = counts.skipped;
}

void put_end(ordered_json& to, const std::optional<std::uint64_t>& backlog,
             std::chrono::microseconds elapsed) {
  to["backlog"] = backlog ? ordered_json(*backlog) : ordered_json(nullptr);
  to["elapsed_ms"] = std::chrono::duration<double, std::milli>(elapsed).count();
}

// All cycles of one scanner in one: counters added up, the backlog of the last.
runner::cycle_report total_of(const boot::scanner_cycles& scanner) {
  runner::cycle_report total;
  for (const auto& cycle : scanner.cycles) {
    total.counts += cycle.counts;
    total.elapsed += cycle.elapsed;
    total.backlog = cycle.backlog;
  }
  return total;
}

ordered_json to_json(const boot::scanner_cycles& scanner) {
  const auto total = total_of(scanner);
  ordered_json object;
  object["name"] = scanner.name;
  object["plugin"] = scanner.plugin;
  put(object, total.counts);
  put_end(object, total.backlog, total.elapsed);
  object["cycles"] = ordered_json::array();
  for (const auto& cycle : scanner.cycles) {
    ordered_json entry;
    put(entry, cycle.counts);
    put_end(entry, cycle.backlog, cycle.elapsed);
    object["cycles"].push_back(std::move(entry));
  }
  return object;
}

base::result<void> print_json(const boot::cycles_outcome& outcome) {
  auto array = ordered_json::array();
  for (const auto& scanner : outcome.scanners) array.push_back(to_json(scanner));
  return print(array.dump(2) + "\n");
}

void print_rows(const boot::cycles_outcome& outcome) {
  std::vector<std::vector<std::string>> rows{
      {"SCANNER", "CYCLES", "PROCESSED", "UNCHANGED", "ERRORS", "SKIPPED", "BACKLOG", "MS"}};
  for (const auto& scanner : outcome.scanners) {
    const auto total = total_of(scanner);
    rows.push_back({scanner.name, std::to_string(scanner.cycles.size()),
                    std::to_string(total.counts.processed), std::to_string(total.counts.unchanged),
                    std::to_string(total.counts.errors), std::to_string(total.counts.skipped),
                    total.backlog ? std::to_string(*total.backlog) : "-",
                    fmt::format("{:.1f}", std::chrono::duration<double, std::milli>(total.elapsed).count())});
  }
  print_table(rows);
}

base::exit_code run_some_cycles(plan::assembly parts, const run_request& request) {
  auto scanners = plan::select_scanners(parts.settings, request.scanners);
  if (!scanners) return report(scanners.error());
  auto outcome = boot::run_cycles(parts, *scanners, request.cycles, request.config.string());
  if (!outcome) return report(outcome.error());
  if (request.json) {
    if (auto printed = print_json(*outcome); !printed) return report(printed.error());
  } else {
    print_rows(*outcome);
  }
  return outcome->signal == 0 ? base::exit_code::ok
                              : static_cast<base::exit_code>(signal_exit_base + outcome->signal);
}

}  // namespace

base::exit_code run(const run_request& request) {
  auto parts = plan::assemble(request.config, plan::stage_plugins::yes);
  if (!parts) return report(parts.error());
  for (const auto& warning : parts->warnings) warn(warning);
  if (request.cycles > 0) return run_some_cycles(std::move(*parts), request);
  auto ended = boot::run_service(std::move(*parts), request.config);
  return ended ? *ended : report(ended.error());
}

}  // namespace scanhost::commands
