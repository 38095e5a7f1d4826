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

}  // namespace

void add_duration(CLI::App& command, const std::string& name, const std::string& help,
                  std::function<void(base::milliseconds)> set) {
  command
      .add_option_function<std::string>(
          name,
          [set = std::move(set)](const std::string& text) {
            set(base::milliseconds(*config::parse_duration(text)));
          },
          help)
      ->check(CLI::Validator(problem_of, "DURATION"));
}

}  // namespace scanhost::commands
