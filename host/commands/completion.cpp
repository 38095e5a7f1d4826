// SPDX-License-Identifier: Apache-2.0
#include "commands/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <string_view>
#include <vector>

namespace scanhost::commands {
namespace {

std::string frame(std::string_view name) { return std::string(base::text_at(completion_frames(), name)); }

// The tag stands on a line of its own.
void fill_in(std::string& script, std::string_view tag, std::string_view lines) {
  if (lines.ends_with('\n')) lines.remove_suffix(1);
  base::fill_in(script, tag, lines);
}

// `path`: where a command stands: "", "plugin", "plugin describe".
using visitor = std::function<void(const std::string& path, const command_entry&)>;

std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : fmt::format("{} {}", path, name);
}

void walk(const std::string& path, const command_entry& command, const visitor& visit) {
  visit(path, command);
  for (const auto& inner : command.commands) walk(below(path, inner.name), inner, visit);
}

// Helps have apostrophes, and shells take texts between them.
std::string posix_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string fish_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

// There is room for one clause beside a word.
std::string short_help(const std::string& help) {
  return help.substr(0, std::min(help.find_first_of(".;:(\n"), help.size()));
}

// `form` makes a line of: where the command stands, the next word, where that leads.
using step_form = std::function<std::string(const std::string&, const std::string&, const std::string&)>;

// How words lead from one command to the next.
std::string steps_of(const command_entry& program, const step_form& form) {
  std::string lines;
  walk({}, program, [&](const std::string& path, const command_entry& command) {
    for (const auto& inner : command.commands) lines += form(path, inner.name, below(path, inner.name));
  });
  return lines;
}

std::string posix_step(const std::string& path, const std::string& word, const std::string& next) {
  return fmt::format("      '{}:{}') at='{}' ;;\n", path, word, next);
}

std::string fish_step(const std::string& path, const std::string& word, const std::string& next) {
  return fmt::format("      case '{}:{}'\n        set at '{}'\n", path, word, next);
}

// `offer` says what completes the value of an option.
std::string values_of(const command_entry& program,
                      const std::function<std::string(const option_entry&)>& offer) {
  std::string cases;
  walk({}, program, [&](const std::string& path, const command_entry& command) {
    for (const auto& option : command.options) {
      if (!option.takes_value) continue;
      std::vector<std::string> patterns;
      for (const auto& name : option.names) patterns.push_back(fmt::format("'{}:{}'", path, name));
      cases += fmt::format("    {}) {} ;;\n", fmt::join(patterns, "|"), offer(option));
    }
  });
  return cases;
}

std::string bash_value(const option_entry& option) {
  if (option.choices.empty()) return "return";
  return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return",
                     fmt::join(option.choices, " "));
}

std::string zsh_value(const option_entry& option) {
  if (option.choices.empty()) return "_files; return";
  return fmt::format("compadd -- {}; return", fmt::join(option.choices, " "));
}

std::string bash_words(const command_entry& command) {
  std::vector<std::string> words;
  for (const auto& inner : command.commands) words.push_back(inner.name);
  for (const auto& option : command.options)
    words.insert(words.end(), option.names.begin(), option.names.end());
  return fmt::format("words='{}'", fmt::join(words, " "));
}

std::string zsh_words(const command_entry& command) {
  std::vector<std::string> words;
  const auto add = [&](const std::string& word, const std::string& help) {
    words.push_back(posix_quoted(fmt::format("{}:{}", word, short_help(help))));
  };
  for (const auto& inner : command.commands) add(inner.name, inner.help);
  for (const auto& option : command.options)
    for (const auto& name : option.names) add(name, option.help);
  return fmt::format("offers=({})", fmt::join(words, " "));
}

std::string words_of(const command_entry& program,
                     const std::function<std::string(const command_entry&)>& form) {
  std::string cases;
  walk({}, program, [&](const std::string& path, const command_entry& command) {
    cases += fmt::format("    '{}') {} ;;\n", path, form(command));
  });
  return cases;
}

std::string fish_option(const std::string& condition, const option_entry& option) {
  auto line = fmt::format("complete -c scanhost -n {}", condition);
  for (const auto& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (option.takes_value) line += " -r";
  if (!option.choices.empty())
    line += fmt::format(" -f -a {}", fish_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
  return fmt::format("{} -d {}\n", line, fish_quoted(short_help(option.help)));
}

std::string fish_words(const command_entry& program) {
  std::string lines;
  walk({}, program, [&](const std::string& path, const command_entry& command) {
    const auto condition = fish_quoted(fmt::format("__scanhost_is_at {}", fish_quoted(path)));
    for (const auto& inner : command.commands)
      lines += fmt::format("complete -c scanhost -n {} -f -a {} -d {}\n", condition, inner.name,
                           fish_quoted(short_help(inner.help)));
    for (const auto& option : command.options) lines += fish_option(condition, option);
  });
  return lines;
}

}  // namespace

std::string bash_completion(const command_entry& program) {
  auto script = frame("scanhost.bash");
  fill_in(script, "@STEPS@", steps_of(program, posix_step));
  fill_in(script, "@VALUES@", values_of(program, bash_value));
  fill_in(script, "@WORDS@", words_of(program, bash_words));
  return script;
}

std::string zsh_completion(const command_entry& program) {
  auto script = frame("_scanhost");
  fill_in(script, "@STEPS@", steps_of(program, posix_step));
  fill_in(script, "@VALUES@", values_of(program, zsh_value));
  fill_in(script, "@WORDS@", words_of(program, zsh_words));
  return script;
}

std::string fish_completion(const command_entry& program) {
  auto script = frame("scanhost.fish");
  fill_in(script, "@STEPS@", steps_of(program, fish_step));
  fill_in(script, "@WORDS@", fish_words(program));
  return script;
}

}  // namespace scanhost::commands
