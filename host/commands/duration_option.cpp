// SPDX-License-Identifier: Apache-2.0
#include "commands/duration_option.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "config/quantity.hpp"

namespace scanhost::commands {
namespace {

std::string problem_of(const std::string& text) {
  const auto duration = config::parse_duration(text);
  if (!duration) return duration.error();
  return *duration > 0 ? "" : "must be longer than 0";
}

constexpr std::int64_t min_period_ms = 100;

std::string problem_of_period(const std::string& text) {
  const auto duration = config::parse_duration(text);
  if (!duration) return duration.error();
  return *duration >= min_period_ms ? "" : "must be at least 100ms";
}

CLI::Option& add_checked(CLI::App& command, const std::string& name, const std::string& help,
                         std::function<void(base::milliseconds)> set,
                         std::string (*problem)(const std::string&)) {
  return *command
              .add_option_function<std::string>(
                  name,
                  [set = std::move(set)](const std::string& text) {
                    set(base::milliseconds(*config::parse_duration(text)));
                  },
                  help)
              ->check(CLI::Validator(problem, "DURATION"));
}

}  // namespace

void add_duration(CLI::App& command, const std::string& name, const std::string& help,
                  std::function<void(base::milliseconds)> set) {
  add_checked(command, name, help, std::move(set), &problem_of);
}

void add_period(CLI::App& command, const std::string& name, const std::string& usual, const std::string& help,
                std::function<void(base::milliseconds)> set) {
  add_checked(command, name, help, std::move(set), &problem_of_period).expected(0, 1)->default_str(usual);
}

}  // namespace scanhost::commands
