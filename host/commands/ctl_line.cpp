// SPDX-License-Identifier: Apache-2.0
#include "commands/ctl_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>

#include "config/quantity.hpp"

namespace scanhost::commands {
namespace {

constexpr std::size_t min_digits = 8;  // of a hash that is shortened
constexpr std::size_t all_digits = 64;
constexpr std::size_t max_names = 1000;

enum class names { none, single, some, any };

struct command_text {
  const char* name;
  const char* help;
  names takes;
  const char* arguments;  // what they are
};

constexpr const char* scanners = "a scanner of the configuration";
constexpr command_text commands[] = {
    {"status", "print what each scanner does, and which build of its plugin it runs", names::none, ""},
    {"reload",
     "take changed plugin files of the named scanners; without a name the configuration and all of them",
     names::any, scanners},
    {"plan", "print what a reload of the configuration would change, and change nothing", names::none, ""},
    {"rollback", "go back to the build that the scanner ran before", names::single, scanners},
    {"pause", "let the named scanners, or all, rest after the turns that were granted", names::any, scanners},
    {"resume", "let the named scanners, or all, go on", names::any, scanners},
    {"run-now", "start the next cycle of the named scanners at once", names::some, scanners},
    {"release", "allow a build again that was blocked", names::single,
     "its SHA-256, or the first 8 digits of it, or more"},
    {"blocked", "list the builds that are blocked, and why", names::none, ""}};

void take_arguments(CLI::App& command, const command_text& text, ctl_request& request) {
  if (text.takes == names::none) return;
  const std::string name = std::string(text.name) == "release" ? "sha256" : "scanner";
  auto* option = command.add_option(name, request.arguments, text.arguments);
  if (text.takes == names::single)
    option->required()->expected(1);
  else
    option->required(text.takes == names::some)->expected(text.takes == names::some ? 1 : 0, max_names);
}

std::string check_timeout(const std::string& text) {
  const auto read = config::parse_duration(text);
  if (!read) return read.error();
  return *read > 0 ? "" : "it must be longer than nothing";
}

void add_common(CLI::App& command, ctl_request& request) {
  command.add_option("--socket", request.socket, "the host's control socket (default: the usual places)");
  command.add_option("--config", request.config,
                     "the configuration that the host runs with, whose admin.socket counts");
  command
      .add_option_function<std::string>(
          "--timeout",
          [&request](const std::string& text) {
            request.timeout = base::milliseconds(*config::parse_duration(text));
          },
          "how long to wait for the answer (default: 60s)")
      ->check(CLI::Validator(check_timeout, "DURATION"));
  command.add_flag("--json", request.json, "print JSON on standard output");
}

// A hash as the host knows it.
void check_hash(std::string& text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const bool digits = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!digits || text.size() < min_digits || text.size() > all_digits)
    throw CLI::ValidationError(
        "release takes 8 to 64 hexadecimal digits of a build's SHA-256; see `scanhost ctl blocked`");
}

}  // namespace

void add_ctl(CLI::App& app, ctl_request& request, std::function<void()> chosen) {
  auto& group = *app.add_subcommand("ctl", "ask a running host, or tell it what to do");
  group.require_subcommand(1);
  add_common(group, request);
  for (const auto& text : commands) {
    auto& command = *group.add_subcommand(text.name, text.help);
    add_common(command, request);
    take_arguments(command, text, request);
    if (std::string(text.name) == "status")
      command.add_flag("--history", request.history, "print what became of each generation, too");
    command.callback([&request, &text, chosen] {
      request.command = text.name;
      if (request.command == "release") check_hash(request.arguments.front());
      chosen();
    });
  }
}

}  // namespace scanhost::commands
