// SPDX-License-Identifier: Apache-2.0
#include "commands/unknown_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/suggestion.hpp"

namespace scanhost::commands {
namespace {

// Commands of the groups below, for words such as `scanhost status`.
std::optional<std::string> nearest_below(const command_entry& group, std::string_view word) {
  for (const auto& inner : group.commands) {
    std::vector<std::string> known;
    for (const auto& command : inner.commands) known.push_back(command.name);
    if (const auto near = config::nearest(word, known)) return fmt::format("{} {}", inner.name, *near);
  }
  return std::nullopt;
}

std::string unknown_command(const command_entry& group, const std::string& path, std::string_view word) {
  std::vector<std::string> known;
  for (const auto& command : group.commands) known.push_back(command.name);
  const auto below = config::nearest(word, known) ? std::nullopt : nearest_below(group, word);
  return fmt::format("unknown command '{} {}'; {}", path, word,
                     below ? fmt::format("did you mean '{} {}'?", path, *below)
                           : config::suggestion(word, known, "the commands are"));
}

std::string unknown_option(const command_entry& command, const std::string& path, std::string_view word) {
  std::vector<std::string> known;
  for (const auto& option : command.options)
    known.insert(known.end(), option.names.begin(), option.names.end());
  return fmt::format("unknown option '{}' of '{}'; {}", word, path,
                     config::suggestion(word, known, "the options are"));
}

const option_entry* find_option(const command_entry& command, std::string_view name) {
  const auto has_name = [&](const option_entry& option) {
    return std::ranges::count(option.names, name) > 0;
  };
  const auto found = std::ranges::find_if(command.options, has_name);
  return found == command.options.end() ? nullptr : &*found;
}

}  // namespace

std::optional<std::string> explain_unknown_word(const command_entry& program,
                                                std::span<const std::string_view> words) {
  const auto* at = &program;
  auto path = program.name;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (at->passes_words_on || word == "--") return std::nullopt;
    if (word.starts_with("--")) {
      const auto name = word.substr(0, word.find('='));
      const auto* option = find_option(*at, name);
      if (option == nullptr) return unknown_option(*at, path, name);
      if (option->takes_value && name.size() == word.size()) ++i;
      continue;
    }
    if (word.starts_with('-') || at->commands.empty()) continue;
    const auto inner =
        std::ranges::find_if(at->commands, [&](const auto& command) { return command.name == word; });
    if (inner == at->commands.end()) return unknown_command(*at, path, word);
    at = &*inner;
    path += fmt::format(" {}", word);
  }
  return std::nullopt;
}

}  // namespace scanhost::commands
