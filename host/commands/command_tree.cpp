// SPDX-License-Identifier: Apache-2.0
#include "commands/command_tree.hpp"

#include <CLI/CLI.hpp>
#include <string_view>

namespace scanhost::commands {
namespace {

// The parser describes a choice as "TEXT:{auto,human,json}".
std::vector<std::string> choices_of(std::string_view type) {
  std::vector<std::string> choices;
  const auto begin = type.find('{');
  const auto end = type.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return choices;
  auto names = type.substr(begin + 1, end - begin - 1);
  while (!names.empty()) {
    const auto name = names.substr(0, names.find(','));
    choices.emplace_back(name);
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  return choices;
}

option_entry read_option(const CLI::Option& option) {
  option_entry entry;
  for (const auto& name : option.get_lnames()) entry.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) entry.names.push_back("-" + name);
  entry.takes_value = option.get_items_expected_max() > 0;
  entry.choices = choices_of(option.get_type_name());
  entry.default_value = option.get_default_str();
  entry.help = option.get_description();
  return entry;
}

argument_entry read_argument(const CLI::Option& option) {
  return {option.get_name(true), option.get_required(), option.get_items_expected_max() > 1,
          option.get_description()};
}

}  // namespace

command_entry read_commands(const CLI::App& app) {
  command_entry entry{app.get_name(),          app.get_description(), app.get_footer(), {}, {}, {},
                      app.get_prefix_command()};
  for (const auto* option : app.get_options()) {
    if (option->get_positional())
      entry.arguments.push_back(read_argument(*option));
    else
      entry.options.push_back(read_option(*option));
  }
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    entry.commands.push_back(read_commands(*command));
  return entry;
}

}  // namespace scanhost::commands
