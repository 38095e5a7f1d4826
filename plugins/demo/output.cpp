// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

namespace scanhost::demo {
namespace {

using std::chrono::milliseconds;

double seconds(std::chrono::duration<double> span) { return span.count(); }

std::string row_of(const scanner_status& s) {
  const auto backlog = s.backlog ? std::to_string(*s.backlog) : "-";
  const auto overdue =
      s.oldest_overdue_ms ? fmt::format("{:.1f} s", seconds(milliseconds(*s.oldest_overdue_ms))) : "-";
  return fmt::format("{:<24.24} {:<11.11} {:>7} {:>10} {:>10} {:>7} {:>8} {:>9} {:>9.1f}\n", s.name, s.state,
                     s.cycles, s.processed, s.unchanged, s.errors, backlog, overdue, s.rate);
}

using nlohmann::ordered_json;

ordered_json scanner_json(const scanner_status& scanner, bool counted) {
  ordered_json object{{"name", scanner.name}, {"plugin", scanner.plugin}};
  for (const auto& [name, value] : counters)
    object[name] = counted ? ordered_json(scanner.*value) : ordered_json();
  object["backlog"] = scanner.backlog ? ordered_json(*scanner.backlog) : ordered_json();
  return object;
}

}  // namespace

std::string table_of(const std::vector<scanner_status>& scanners) {
  auto table = fmt::format("{:<24} {:<11} {:>7} {:>10} {:>10} {:>7} {:>8} {:>9} {:>9}\n", "scanner", "state",
                           "cycles", "processed", "unchanged", "errors", "backlog", "overdue", "per s");
  for (const auto& scanner : scanners) table += row_of(scanner);
  return table;
}

progress::progress(bool json) : table_(!json && ::isatty(STDOUT_FILENO) == 1) {}

void progress::say(const std::string& message) {
  drawn_lines_ = 0;  // the table stays above, a new one begins below
  (table_ ? std::cout : std::cerr) << message << std::endl;
}

void progress::show(const std::vector<scanner_status>& scanners, milliseconds elapsed, milliseconds total) {
  if (!table_) return;
  // Back to the table's first line, and clear.
  if (drawn_lines_ > 0) std::cout << "\x1b[" << drawn_lines_ << "A\x1b[J";
  const auto shown = std::clamp(elapsed, milliseconds(0), total);
  std::cout << table_of(scanners) << fmt::format("{:.1f} s of {:.1f} s", seconds(shown), seconds(total))
            << std::endl;
  drawn_lines_ = scanners.size() + 2;
}

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
  if (!result.host_ended_well) text += "the host did not end with exit code 0\n";
  if (result.interrupted) text += "interrupted: the demo did not wait for what was to come due later\n";
  return text + (check.violations == 0 ? "no violations: every record is as it must be\n"
                                       : fmt::format("{} violations\n", check.violations));
}

int exit_code_of(const demo_result& result) {
  if (result.interrupted) return interrupted_by_user;
  return result.check.violations == 0 && result.host_ended_well ? 0 : failed;
}

}  // namespace scanhost::demo
