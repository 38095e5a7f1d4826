// SPDX-License-Identifier: Apache-2.0
//
// The demo's result.
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "progress.hpp"

namespace scanhost::demo {
namespace {

using nlohmann::ordered_json;

constexpr int failed = 1;
constexpr int interrupted_by_user = 130;

ordered_json scanner_json(const scanner_status& scanner, bool counted) {
  ordered_json object{{"name", scanner.name}, {"plugin", scanner.plugin}};
  const auto put = [&](const char* name, std::uint64_t value) {
    object[name] = counted ? ordered_json(value) : ordered_json(nullptr);
  };
  put("cycles", scanner.cycles);
  put("processed", scanner.processed);
  put("unchanged", scanner.unchanged);
  put("errors", scanner.errors);
  put("skipped", scanner.skipped);
  object["backlog"] = scanner.backlog ? ordered_json(*scanner.backlog) : ordered_json(nullptr);
  return object;
}

}  // namespace

std::int64_t lateness_at(std::vector<std::int64_t>& moments, double part) {
  if (moments.empty()) return 0;
  std::ranges::sort(moments);
  const auto at = static_cast<std::size_t>(std::ceil(part * static_cast<double>(moments.size())));
  return moments[std::min(moments.size() - 1, at == 0 ? 0 : at - 1)];
}

std::string json_of(const outcome& result) {
  ordered_json scanners = ordered_json::array();
  for (const auto& scanner : result.scanners) scanners.push_back(scanner_json(scanner, result.counted));
  auto lateness = result.found.lateness;
  const ordered_json whole{
      {"server", {{"name", result.server_name}, {"version", result.server_version}}},
      {"scanners", std::move(scanners)},
      {"workload", {{"seeded", result.found.seeded}, {"due", result.found.due}, {"done", result.found.done}}},
      {"lateness_ms",
       {{"p50", lateness_at(lateness, 0.5)},
        {"p99", lateness_at(lateness, 0.99)},
        {"max", lateness_at(lateness, 1)}}},
      {"violations", result.found.violations},
      {"violation_samples", result.found.samples},
      {"host_ended_well", result.host_ended_well},
      {"interrupted", result.interrupted}};
  return whole.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string summary_of(const outcome& result) {
  const auto& found = result.found;
  auto lateness = found.lateness;
  std::string text = "\n" + result.server_name + " " + result.server_version + "\n";
  if (result.counted) text += table_of(result.scanners);
  text += std::to_string(found.seeded) + " executions seeded; " + std::to_string(found.due) +
          " changes due, " + std::to_string(found.done) + " rightly done";
  if (!lateness.empty()) {
    text += "; of those that came due in the run half within " + std::to_string(lateness_at(lateness, 0.5)) +
            " ms, 99 % within " + std::to_string(lateness_at(lateness, 0.99)) + " ms, the last after " +
            std::to_string(lateness_at(lateness, 1)) + " ms";
  }
  text += "\n";
  for (const auto& sample : found.samples) text += "  wrong: " + sample + "\n";
  if (!result.host_ended_well) text += "the host did not end well\n";
  if (result.interrupted) text += "interrupted: what was to come due later was not waited for\n";
  return text + (found.violations == 0 ? "no violations: every record is as it must be\n"
                                       : std::to_string(found.violations) + " violations\n");
}

int exit_code_of(const outcome& result) {
  if (result.interrupted) return interrupted_by_user;
  return result.found.violations == 0 && result.host_ended_well ? 0 : failed;
}

}  // namespace scanhost::demo
