// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace scanhost::demo {
namespace {

constexpr std::chrono::milliseconds line_interval{5000};

double seconds(std::chrono::milliseconds span) { return static_cast<double>(span.count()) / 1000; }

std::string row_of(const scanner_status& s) {
  const auto backlog = s.backlog ? std::to_string(*s.backlog) : "-";
  const auto overdue =
      s.oldest_overdue_ms ? fmt::format("{:.1f} s", static_cast<double>(*s.oldest_overdue_ms) / 1000) : "-";
  return fmt::format("{:<24.24} {:<11.11} {:>7} {:>10} {:>10} {:>7} {:>8} {:>9} {:>9.1f}\n", s.name, s.state,
                     s.cycles, s.processed, s.unchanged, s.errors, backlog, overdue, s.rate);
}

}  // namespace

std::string table_of(const std::vector<scanner_status>& scanners) {
  auto table = fmt::format("{:<24} {:<11} {:>7} {:>10} {:>10} {:>7} {:>8} {:>9} {:>9}\n", "scanner", "state",
                           "cycles", "processed", "unchanged", "errors", "backlog", "overdue", "per s");
  for (const auto& scanner : scanners) table += row_of(scanner);
  return table;
}

std::string line_of(const std::vector<scanner_status>& scanners) {
  std::string line;
  for (const auto& scanner : scanners) {
    if (!line.empty()) line += ", ";
    line += fmt::format("{} {} in {} cycles", scanner.name, scanner.processed, scanner.cycles);
    if (scanner.errors > 0) line += fmt::format(" ({} errors)", scanner.errors);
  }
  return line;
}

progress::progress(bool json) : table_(!json && ::isatty(STDOUT_FILENO) == 1) {}

void progress::say(const std::string& message) {
  drawn_lines_ = 0;  // the table stays above, a new one begins below
  (table_ ? std::cout : std::cerr) << message << std::endl;
}

void progress::show(const std::vector<scanner_status>& scanners, std::chrono::milliseconds elapsed,
                    std::chrono::milliseconds total) {
  const auto shown = std::clamp(elapsed, std::chrono::milliseconds(0), total);
  const auto clock = fmt::format("{:.1f} s of {:.1f} s", seconds(shown), seconds(total));
  if (table_) return draw(table_of(scanners) + clock + "\n");
  if (elapsed < next_line_) return;
  next_line_ = elapsed + line_interval;
  std::cerr << clock << ": " << line_of(scanners) << std::endl;
}

void progress::draw(const std::string& text) {
  // Back to the table's first line, and clear.
  if (drawn_lines_ > 0) std::cout << "\x1b[" << drawn_lines_ << "A\x1b[J";
  std::cout << text << std::flush;
  drawn_lines_ = static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace scanhost::demo
