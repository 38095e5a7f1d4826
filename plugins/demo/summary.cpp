// SPDX-License-Identifier: Apache-2.0
#include "summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "progress.hpp"

namespace scanhost::demo {
namespace {

using nlohmann::ordered_json;

ordered_json scanner_json(const scanner_status& scanner, bool counted) {
  const auto known = [&](std::uint64_t value) { return counted ? ordered_json(value) : ordered_json(); };
  return {{"name", scanner.name},
          {"plugin", scanner.plugin},
          {"cycles", known(scanner.cycles)},
          {"processed", known(scanner.processed)},
          {"unchanged", known(scanner.unchanged)},
          {"errors", known(scanner.errors)},
          {"skipped", known(scanner.skipped)},
          {"backlog", scanner.backlog ? ordered_json(*scanner.backlog) : ordered_json()}};
}

}  // namespace

std::int64_t lateness_at(std::vector<std::int64_t>& lateness, double part) {
  if (lateness.empty()) return 0;
  std::ranges::sort(lateness);
  const auto at = static_cast<std::size_t>(std::ceil(part * static_cast<double>(lateness.size())));
  return lateness[std::clamp<std::size_t>(at, 1, lateness.size()) - 1];
}

std::string json_of(const demo_result& result) {
  const auto& check = result.check;
  auto lateness = check.lateness;
  ordered_json scanners = ordered_json::array();
  for (const auto& scanner : result.scanners) scanners.push_back(scanner_json(scanner, result.counted));
  const ordered_json object{
      {"server", {{"name", result.server_name}, {"version", result.server_version}}},
      {"scanners", std::move(scanners)},
      {"workload", {{"seeded", check.seeded}, {"due", check.due}, {"done", check.done}}},
      {"lateness_ms",
       {{"p50", lateness_at(lateness, 0.5)},
        {"p99", lateness_at(lateness, 0.99)},
        {"max", lateness_at(lateness, 1)}}},
      {"violations", check.violations},
      {"violation_samples", check.samples},
      {"host_ended_well", result.host_ended_well},
      {"interrupted", result.interrupted}};
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string summary_of(const demo_result& result) {
  const auto& check = result.check;
  auto lateness = check.lateness;
  auto text = fmt::format("\n{} {}\n", result.server_name, result.server_version);
  if (result.counted) text += table_of(result.scanners);
  text += fmt::format("{} executions written; {} changes due, {} of them made correctly\n", check.seeded,
                      check.due, check.done);
  if (!lateness.empty())
    text += fmt::format(
        "changes that came due during the run: half were made within {} ms, 99 % within {} ms, the last after {} ms\n",
        lateness_at(lateness, 0.5), lateness_at(lateness, 0.99), lateness_at(lateness, 1));
  for (const auto& sample : check.samples) text += fmt::format("  violation: {}\n", sample);
  if (!result.host_ended_well) text += "the host did not end well\n";
  if (result.interrupted) text += "interrupted: the demo did not wait for what was to come due later\n";
  return text + (check.violations == 0 ? "no violations: every record is as it must be\n"
                                       : fmt::format("{} violations\n", check.violations));
}

int exit_code_of(const demo_result& result) {
  constexpr int failed = 1, interrupted_by_user = 130;
  if (result.interrupted) return interrupted_by_user;
  return result.check.violations == 0 && result.host_ended_well ? 0 : failed;
}

}  // namespace scanhost::demo
