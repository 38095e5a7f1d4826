// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>

#include "admin/commands.hpp"
#include "commands/duration_option.hpp"

namespace scanhost::commands {
namespace {

constexpr std::size_t min_digits = 8;  // of an abbreviated hash
constexpr std::size_t all_digits = 64;
constexpr int max_names = 1000;

// "scanner level": two positions, in this order.
void take_pair(CLI::App& command, const admin::command& entry, ctl_request& request) {
  const auto blank = entry.argument.find(' ');
  const auto take = [&](std::string_view name, const std::string& help) {
    command
        .add_option_function<std::string>(
            std::string(name), [&request](const std::string& text) { request.arguments.push_back(text); },
            help)
        ->required();
  };
  take(entry.argument.substr(0, blank), "a scanner of the configuration");
  take(entry.argument.substr(blank + 1), "trace, debug, info, warn, error, off, or default (as configured)");
}

// "scanner item", the second of which may be left out.
void take_item(CLI::App& command, ctl_request& request) {
  const auto take = [&](const char* name, const char* help) {
    return command.add_option_function<std::string>(
        name, [&request](const std::string& text) { request.arguments.push_back(text); }, help);
  };
  take("scanner", "a scanner of the configuration")->required();
  take("item",
       "an item as `scanhost ctl failures` lists it, or as it is (default: all items of the scanner)");
}

const char* help_of_argument(std::string_view argument) {
  if (argument == "scanner") return "a scanner of the configuration";
  if (argument == "item") return "an item as `scanhost ctl failures` lists it, or as it is";
  return "the SHA-256 of a build, or its first 8 digits or more";
}

void take_arguments(CLI::App& command, const admin::command& entry, ctl_request& request) {
  using admin::arity;
  if (entry.arguments == arity::none) return;
  if (entry.arguments == arity::pair) return take_pair(command, entry, request);
  if (entry.arguments == arity::one_or_two) return take_item(command, request);
  auto* option =
      command.add_option(std::string(entry.argument), request.arguments, help_of_argument(entry.argument));
  if (entry.arguments == arity::single || entry.arguments == arity::at_most_one)
    option->required(entry.arguments == arity::single)->expected(1);
  else
    option->required(entry.arguments == arity::at_least_one)
        ->expected(entry.arguments == arity::at_least_one ? 1 : 0, max_names);
}

void take_options(CLI::App& command, const admin::command& entry, ctl_request& request) {
  for (const auto& option : entry.options)
    command
        .add_option_function<std::string>(
            fmt::format("--{}", option.name),
            [&request, name = std::string(option.name)](const std::string& value) {
              request.options[name] = value;
            },
            std::string(option.help))
        ->type_name(std::string(option.value));
}

void take_status_options(CLI::App& command, ctl_request& request) {
  command.add_flag("--history", request.history, "print what became of each generation, too");
  add_period(command, "--watch", "2s", "print it again after each such time, until Ctrl-C",
             [&request](base::milliseconds period) { request.watch = period; });
}

void add_common(CLI::App& command, ctl_request& request) {
  command.add_option("--socket", request.socket, "the host's control socket (default: the usual places)");
  command.add_option("--config", request.config, "the configuration of the host, whose admin.socket is used");
  add_duration(command, "--timeout", "how long to wait for the answer (default: 60s)",
               [&request](base::milliseconds timeout) { request.timeout = timeout; });
  command.add_flag("--json", request.json, "print JSON on standard output");
}

// Brings a hash into the form that the host knows.
void check_hash(std::string& text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const bool digits = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!digits || text.size() < min_digits || text.size() > all_digits)
    throw CLI::ValidationError(
        "release takes 8 to 64 hexadecimal digits of a build's SHA-256; see `scanhost ctl blocked`");
}

}  // namespace

void add_ctl(CLI::App& app, ctl_request& request, const std::function<void()>& chosen) {
  auto& group = *app.add_subcommand("ctl", "ask a running host for its status, and control it");
  group.require_subcommand(1);
  add_common(group, request);
  for (const auto& entry : admin::commands()) {
    auto& command = *group.add_subcommand(std::string(entry.name), std::string(entry.help));
    add_common(command, request);
    take_arguments(command, entry, request);
    take_options(command, entry, request);
    if (entry.name == "status") take_status_options(command, request);
    command.callback([&request, &entry, chosen] {
      request.command = entry.name;
      if (request.watch && request.json)
        throw CLI::ValidationError("--watch is for people; leave it out to get JSON");
      if (request.command == "release") check_hash(request.arguments.front());
      chosen();
    });
  }
}

}  // namespace scanhost::commands
