// SPDX-License-Identifier: Apache-2.0
#include "commands/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/errno_text.hpp"
#include "base/json.hpp"
#include "base/non_blocking_output.hpp"

namespace scanhost::commands {
namespace {

bool looks_like_a_number(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.-") == std::string::npos;
}

std::vector<std::size_t> widths_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

}  // namespace

base::exit_code report(const base::error& problem) {
  std::istringstream lines(problem.message);
  for (std::string line; std::getline(lines, line);)
    base::standard_error().write(fmt::format("scanhost: {}\n", line));
  return base::exit_code_of(problem.code);
}

base::exit_code report_as_json(const base::error& problem) {
  const auto code = base::exit_code_of(problem.code);
  const auto printed = print(outcome_json(code, problem.message));
  return printed ? code : report(printed.error());
}

std::string outcome_json(base::exit_code code, const std::string& message) {
  return base::json_pretty(nlohmann::ordered_json{
      {"ok", code == base::exit_code::ok}, {"exit_code", static_cast<int>(code)}, {"message", message}});
}

void warn(const std::string& message) {
  base::standard_error().write(fmt::format("scanhost: warning: {}\n", message));
}

std::string table_of(const std::vector<std::vector<std::string>>& rows) {
  const auto widths = widths_of(rows);
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      line += looks_like_a_number(row[i]) ? fmt::format("{:>{}}", row[i], widths[i])
                                          : fmt::format("{:<{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  if (auto printed = print(table_of(rows)); !printed) report(printed.error());
}

base::result<void> print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
  return base::fail(base::errc::os,
                    fmt::format("cannot write to standard output: {}", base::errno_text(errno)));
}

}  // namespace scanhost::commands
