// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_status_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/counted.hpp"
#include "commands/ctl_status_values.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::json;

constexpr std::size_t max_name_width = 28;

struct table_row {
  // Scanner, state, rate, overdue, back-off, errors, next.
  std::array<std::string, 7> cells;
  std::string note;
  shown::urgency urgency = shown::urgency::fine;
};
constexpr std::size_t state_column = 1;
constexpr std::size_t text_columns = 2;  // the others are numbers
using column_widths = std::array<std::size_t, 7>;

table_row table_heading() {
  return {{"SCANNER", "STATE", "RATE", "OVERDUE", "BACK-OFF", "ERRORS", "NEXT"}, "NOTE"};
}

std::string until_next_cycle(const json& scanner, const json& now_ms) {
  const auto& next = scanner.at("next_cycle_ms");
  if (next.is_null()) return "-";
  return shown::span(base::milliseconds(next.get<std::int64_t>() - now_ms.get<std::int64_t>()));
}

void add_pause(const json& scanner, std::vector<std::string>& notes) {
  const auto& pause = scanner.at("pause");
  if (pause.is_null()) return;
  const auto reason = shown::text(pause.at("reason"));
  const auto by = shown::text(pause.at("by"));
  if (!reason.empty())
    notes.push_back(reason);
  else if (!by.empty())
    notes.push_back("by " + by);
}

// What is wrong, or was when it was last restarted.
void add_error(const json& scanner, std::vector<std::string>& notes) {
  const auto& not_ready = scanner.at("not_ready");
  const auto restarts = scanner.at("restarts").get<std::uint64_t>();
  const auto error = shown::text(scanner.at("last_error"));
  if (!not_ready.is_null())
    notes.push_back(shown::text(not_ready));
  else if (restarts > 0)
    notes.push_back(fmt::format("{}: {}", base::counted(restarts, "restart"), error));
}

// The most important first: what does not fit is cut off.
std::string note_on(const json& scanner) {
  std::vector<std::string> notes;
  if (scanner.at("dry_run").get<bool>()) notes.emplace_back("DRY RUN");
  if (const auto stuck = scanner.at("stuck_generations").get<std::uint64_t>(); stuck > 0)
    notes.push_back(base::counted(stuck, "stuck generation"));
  add_pause(scanner, notes);
  if (scanner.at("probation").get<bool>()) notes.emplace_back("on probation");
  if (!scanner.at("memory_growth").is_null()) notes.emplace_back("memory grows");
  if (const auto& cycle = scanner.at("last_cycle"); !cycle.is_null() && cycle.at("beyond_allowance") > 0)
    notes.emplace_back("beyond its turns");
  if (const auto& level = scanner.at("log_level"); !level.is_null())
    notes.push_back("log level " + shown::text(level));
  add_error(scanner, notes);
  return fmt::format("{}", fmt::join(notes, ", "));
}

table_row row_of(const json& scanner, const json& now_ms) {
  const auto state = shown::state(scanner);
  return {{shown::shorten(shown::text(scanner.at("name")), max_name_width), state.text,
           shown::rate(scanner.at("processed_per_second").get<double>()),
           shown::span_or_dash(scanner.at("oldest_overdue_ms")),
           shown::short_count(scanner.at("items_in_back_off").get<std::uint64_t>()),
           shown::short_count(scanner.at("totals").at("errors").get<std::uint64_t>()),
           until_next_cycle(scanner, now_ms)},
          note_on(scanner),
          state.level};
}

column_widths measure(const std::vector<table_row>& rows) {
  column_widths widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], shown::width(row.cells[i]));
  return widths;
}

std::string line_of(const table_row& row, const column_widths& widths, std::size_t columns, bool colors) {
  std::string line;
  std::size_t used = 0;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const auto& cell = row.cells[i];
    const std::string padding(widths[i] - shown::width(cell), ' ');
    const auto text = i == state_column ? shown::painted(cell, row.urgency, colors) : cell;
    line += i < text_columns ? text + padding : padding + text;
    line += "  ";
    used += widths[i] + 2;
  }
  line += shown::shorten(row.note, columns > used ? columns - used : 0);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string scanners_table(const json& scanners, const json& now_ms, std::size_t columns, bool colors) {
  std::vector<table_row> rows{table_heading()};
  for (const auto& scanner : scanners) rows.push_back(row_of(scanner, now_ms));
  const auto widths = measure(rows);
  std::string text;
  for (const auto& row : rows) text += line_of(row, widths, columns, colors);
  return text;
}

}  // namespace scanhost::commands
