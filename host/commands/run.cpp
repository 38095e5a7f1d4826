// SPDX-License-Identifier: Apache-2.0
//
// `scanhost run`: the daemon, or with --cycles some full cycles and their counters.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "admin/status_json.hpp"
#include "base/json.hpp"
#include "boot/early_signals.hpp"
#include "boot/run_cycles.hpp"
#include "boot/service.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"
#include "plan/assembly.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

constexpr int signal_exit_base = 128;  // as shells report a process that a signal ended

// The sum of all cycles of a scanner, with the backlog of the last.
runner::cycle_report total_of(const boot::scanner_cycles& scanner) {
  runner::cycle_report total;
  for (const auto& cycle : scanner.cycles) {
    add_saturating(total.counts, cycle.counts);
    total.elapsed += cycle.elapsed;
    total.backlog = cycle.backlog;
  }
  return total;
}

ordered_json to_json(const boot::scanner_cycles& scanner) {
  ordered_json object{{"name", scanner.name}, {"plugin", scanner.plugin}};
  object.update(admin::cycle_json(total_of(scanner)));
  object["cycles"] = ordered_json::array();
  for (const auto& cycle : scanner.cycles) object["cycles"].push_back(admin::cycle_json(cycle));
  return object;
}

base::result<void> print_json(const boot::cycles_outcome& outcome) {
  auto array = ordered_json::array();
  for (const auto& scanner : outcome.scanners) array.push_back(to_json(scanner));
  return print(base::json_pretty(array));
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
  if (outcome->signal == 0 && !outcome->hindrance.empty())
    return report(base::fail(base::errc::unavailable, outcome->hindrance));
  return outcome->signal == 0 ? base::exit_code::ok
                              : static_cast<base::exit_code>(signal_exit_base + outcome->signal);
}

}  // namespace

base::exit_code run(const run_request& request) {
  using boot::early_signals;
  const early_signals signals(request.cycles > 0 ? early_signals::end::by_signal : early_signals::end::clean);
  config::findings found;
  auto parts = plan::assemble(request.config, plan::stage_plugins::yes, found,
                              request.dry_run ? plan::dry_run::forced : plan::dry_run::as_configured);
  for (const auto& warning : config::lines_of(found.warnings)) warn(warning);
  if (!parts) return report(parts.error());
  if (request.cycles > 0) return run_some_cycles(std::move(*parts), request);
  auto ended = boot::run_service(std::move(*parts), request.config);
  return ended ? *ended : report(ended.error());
}

}  // namespace scanhost::commands
