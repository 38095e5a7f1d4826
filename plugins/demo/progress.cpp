// SPDX-License-Identifier: Apache-2.0
//
// Texts for people.
#include "progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace scanhost::demo {
namespace {

constexpr std::chrono::milliseconds line_every{5000};

std::string seconds_of(std::chrono::milliseconds span) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(span.count()) / 1000);
  return text;
}

std::string row_of(const scanner_status& scanner) {
  const auto backlog = scanner.backlog ? std::to_string(*scanner.backlog) : std::string("-");
  const auto overdue = scanner.oldest_overdue_ms
                           ? seconds_of(std::chrono::milliseconds(*scanner.oldest_overdue_ms))
                           : std::string("-");
  char text[256];
  std::snprintf(
      text, sizeof text, "%-24.24s %-11.11s %7llu %10llu %10llu %7llu %8s %9s %9.1f\n", scanner.name.c_str(),
      scanner.state.c_str(), static_cast<unsigned long long>(scanner.cycles),
      static_cast<unsigned long long>(scanner.processed), static_cast<unsigned long long>(scanner.unchanged),
      static_cast<unsigned long long>(scanner.errors), backlog.c_str(), overdue.c_str(), scanner.rate);
  return text;
}

}  // namespace

std::string table_of(const std::vector<scanner_status>& scanners) {
  char head[256];
  std::snprintf(head, sizeof head, "%-24s %-11s %7s %10s %10s %7s %8s %9s %9s\n", "scanner", "state",
                "cycles", "processed", "unchanged", "errors", "backlog", "overdue", "per s");
  std::string whole = head;
  for (const auto& scanner : scanners) whole += row_of(scanner);
  return whole;
}

std::string line_of(const std::vector<scanner_status>& scanners) {
  std::string whole;
  for (const auto& scanner : scanners) {
    if (!whole.empty()) whole += ", ";
    whole += scanner.name + " " + std::to_string(scanner.processed) + " in " +
             std::to_string(scanner.cycles) + " cycles";
    if (scanner.errors > 0) whole += " (" + std::to_string(scanner.errors) + " errors)";
  }
  return whole;
}

progress::progress(bool json) : table_(!json && ::isatty(STDOUT_FILENO) == 1) {}

void progress::say(const std::string& message) {
  drawn_ = 0;  // the table stays above, a new one begins below
  (table_ ? std::cout : std::cerr) << message << std::endl;
}

void progress::show(const std::vector<scanner_status>& scanners, std::chrono::milliseconds elapsed,
                    std::chrono::milliseconds whole) {
  const auto clock =
      seconds_of(std::clamp(elapsed, std::chrono::milliseconds(0), whole)) + " of " + seconds_of(whole);
  if (table_) return draw(table_of(scanners) + clock + "\n");
  if (elapsed < next_line_) return;
  next_line_ = elapsed + line_every;
  std::cerr << clock << ": " << line_of(scanners) << std::endl;
}

void progress::draw(const std::string& text) {
  if (drawn_ > 0) std::cout << "\x1b[" << drawn_ << "A\x1b[J";  // back to the table's first line, and clear
  std::cout << text << std::flush;
  drawn_ = static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace scanhost::demo
