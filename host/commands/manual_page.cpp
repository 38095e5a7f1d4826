// SPDX-License-Identifier: Apache-2.0
#include "commands/manual_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/troff.hpp"
#include "commands/exit_codes.hpp"

namespace scanhost::commands {
namespace {

using base::troff_line;

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", troff_line(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", troff_line(text)); }

// "plugin", "[scanner...]".
std::string usage_of(const argument_entry& argument) {
  const auto name = italic(argument.name) + (argument.repeats ? "..." : "");
  return argument.required ? name : "[" + name + "]";
}

std::string heading_of(const option_entry& option) {
  std::vector<std::string> names;
  for (const auto& name : option.names) names.push_back(bold(name));
  auto heading = fmt::format("{}", fmt::join(names, ", "));
  if (!option.takes_value) return heading;
  if (option.choices.empty()) return heading + " " + italic("value");
  std::vector<std::string> choices;
  for (const auto& choice : option.choices) choices.push_back(bold(choice));
  return fmt::format("{} {}", heading, fmt::join(choices, " | "));
}

std::string entry(std::string_view heading, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", heading, troff_line(text));
}

std::string text_of(const option_entry& option) {
  if (option.default_value.empty()) return option.help;
  return fmt::format("{} (default: {})", option.help, option.default_value);
}

bool is_help(const option_entry& option) { return !option.names.empty() && option.names.front() == "--help"; }

// A group's own options are those of its commands.
void add_command(std::string& page, const std::string& path, const command_entry& command) {
  const auto whole = path + " " + command.name;
  if (!command.commands.empty()) {
    for (const auto& inner : command.commands) add_command(page, whole, inner);
    return;
  }
  page += ".SS " + bold(whole);
  for (const auto& argument : command.arguments) page += " " + usage_of(argument);
  page += "\n" + troff_line(command.help) + ".\n";
  for (const auto& argument : command.arguments)
    if (!argument.help.empty()) page += entry(italic(argument.name), argument.help);
  for (const auto& option : command.options)
    if (!is_help(option)) page += entry(heading_of(option), text_of(option));
}

constexpr std::string_view files_section =
    ".SH FILES\n.TP\n\\fI/etc/scanhost/scanhost.yaml\\fR\nThe configuration that the packaged service runs with.\n.TP\n\\fI/usr/lib/scanhost/plugins\\fR\nThe bundled plugins.\n.TP\n\\fI/run/scanhost/control.sock\\fR\nThe control socket of the packaged service.\n";

constexpr std::string_view signals =
    ".SH SIGNALS\n.TP\n\\fBSIGTERM\\fR, \\fBSIGINT\\fR\nEnd the host in order, within 15 seconds; a second one ends it at once.\n.TP\n\\fBSIGHUP\\fR\nReads the configuration again and loads new builds of the plugins.\n";

}  // namespace

std::string to_manual_page(const command_entry& program, std::string_view version) {
  auto page = fmt::format(
      ".TH SCANHOST 1 \"\" \"scanhost {}\" \"User Commands\"\n.SH NAME\nscanhost \\- sweep a sharded Valkey or Redis keyspace through scanner plugins\n.SH SYNOPSIS\n\\fBscanhost\\fR \\fIcommand\\fR [\\fIoptions\\fR]\n.SH DESCRIPTION\n{}\n\\fB\\-\\-help\\fR after a command explains it.\n.SH COMMANDS\n",
      troff_line(version), troff_line(program.help));
  for (const auto& command : program.commands) add_command(page, program.name, command);
  page += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : exit_meanings) page += entry(bold(code), meaning);
  return page + std::string(signals) + std::string(files_section) +
         ".SH SEE ALSO\n\\fBscanhost.yaml\\fR(5)\n";
}

}  // namespace scanhost::commands
