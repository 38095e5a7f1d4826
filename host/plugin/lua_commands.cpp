// SPDX-License-Identifier: Apache-2.0
#include "plugin/lua_commands.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace scanhost::plugin {
namespace {

constexpr std::size_t max_command_name = 32;

bool is_letter(char c) noexcept { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string upper(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string_view without_blanks(std::string_view text) noexcept {
  const auto start = text.find_first_not_of(" \t\r\n");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// The text in quotes at the start, and `rest` behind it.
std::optional<std::string_view> take_literal(std::string_view text, std::string_view& rest) noexcept {
  text = without_blanks(text);
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return std::nullopt;
  const auto end = text.find(text[0], 1);
  if (end == std::string_view::npos) return std::nullopt;
  rest = text.substr(end + 1);
  return text.substr(1, end - 1);
}

std::string_view behind_comma(std::string_view text) noexcept {
  text = without_blanks(text);
  return text.starts_with(',') ? text.substr(1) : std::string_view();
}

std::string_view word_at(std::string_view text) noexcept {
  text = without_blanks(text);
  const auto end = std::ranges::find_if_not(text, is_word);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// The text that a local of this name is given: local NAME = 'text'.
std::optional<std::string> constant(std::string_view text, std::string_view name) {
  const auto start = text.find("local " + std::string(name) + " = ");
  if (name.empty() || start == std::string_view::npos) return std::nullopt;
  std::string_view rest;
  const auto literal = take_literal(text.substr(start + name.size() + 9), rest);
  return literal ? std::optional(std::string(*literal)) : std::nullopt;
}

class call_reader {
 public:
  // `text`: to be searched; `constants`: where the locals are that it uses.
  call_reader(std::string_view text, std::string_view constants) : text_(text), constants_(constants) {}

  lua_commands run() && {
    constexpr std::string_view call = "call(";
    for (auto at = text_.find(call); at != std::string_view::npos; at = text_.find(call, at + 1))
      if (is_call_of_server(at)) add(text_.substr(at + call.size()));
    return std::move(found_);
  }

 private:
  // `at`: of "call(", which may be the end of another name, or of Lua's own pcall.
  bool is_call_of_server(std::size_t at) const noexcept {
    auto start = at;
    while (start > 0 && is_word(text_[start - 1])) --start;
    const auto name = text_.substr(start, at + 4 - start);
    const bool is_member = start > 0 && text_[start - 1] == '.';
    return name == "call" || (name == "pcall" && is_member);
  }

  void add(std::string_view arguments) {
    std::string_view rest;
    const auto literal = take_literal(arguments, rest);
    if (!literal) {
      found_.computes_names = true;
      return;
    }
    if (literal->empty() || literal->size() > max_command_name || !is_letter(literal->front())) return;
    auto name = upper(*literal);
    if (name == "PUBLISH" || name == "SPUBLISH") add_channel(behind_comma(rest));
    std::string_view behind;
    if (has_sub_commands(name))
      if (const auto second = take_literal(behind_comma(rest), behind)) name += " " + upper(*second);
    found_.names.insert(std::move(name));
  }

  void add_channel(std::string_view argument) {
    std::string_view rest;
    const auto literal = take_literal(argument, rest);
    const auto known =
        literal ? std::optional(std::string(*literal)) : constant(constants_, word_at(argument));
    // What follows a text in quotes may add to it.
    const bool is_whole = !literal || without_blanks(rest).starts_with(',');
    found_.channels.insert(known && is_whole ? *known : "*");
  }

  std::string_view text_;
  std::string_view constants_;
  lua_commands found_;
};

std::string without_comments(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    const auto line = text.substr(0, end);
    const auto comment = line.find("--");
    result +=
        comment == std::string_view::npos ? std::string(line) : std::string(line.substr(0, comment)) + "\n";
    text.remove_prefix(end);
  }
  return result;
}

// A statement at the top level of a library.
struct statement {
  std::string_view text;
  std::string_view name;  // of the local or function that it makes; empty: none
};

std::string_view name_made_by(std::string_view text) noexcept {
  for (const std::string_view start : {"local function ", "function ", "local "})
    if (text.starts_with(start)) return word_at(text.substr(start.size()));
  return {};
}

bool begins_statement(std::string_view line) noexcept {
  return !line.empty() && is_letter(line.front()) && word_at(line) != "end";
}

std::vector<statement> statements_of(std::string_view text) {
  std::vector<statement> found;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (at > start && begins_statement(text.substr(at))) {
      found.push_back({text.substr(start, at - start), {}});
      start = at;
    }
    const auto end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  found.push_back({text.substr(start), {}});
  for (auto& each : found) each.name = name_made_by(each.text);
  return found;
}

bool mentions(std::string_view text, std::string_view word) noexcept {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

// The statements that register a function, and those that they use.
class closure {
 public:
  explicit closure(std::vector<statement> statements)
      : statements_(std::move(statements)), used_(statements_.size(), false) {}

  // False: nothing registers it.
  bool add_function(const std::string& name) {
    bool found = false;
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      if (statements_[i].text.find("'" + name + "'") == std::string_view::npos &&
          statements_[i].text.find("\"" + name + "\"") == std::string_view::npos)
        continue;
      found = true;
      use(i);
    }
    return found;
  }

  std::string text() const {
    std::string result;
    for (std::size_t i = 0; i < statements_.size(); ++i)
      if (used_[i]) result += statements_[i].text;
    return result;
  }

 private:
  void use(std::size_t index) {
    if (used_[index]) return;
    used_[index] = true;
    for (std::size_t i = 0; i < statements_.size(); ++i)
      if (!used_[i] && !statements_[i].name.empty() && mentions(statements_[index].text, statements_[i].name))
        use(i);
  }

  std::vector<statement> statements_;
  std::vector<bool> used_;
};

}  // namespace

lua_commands commands_in(std::string_view text) { return call_reader(text, text).run(); }

lua_commands commands_of(std::string_view library, const std::vector<std::string>& functions) {
  const auto text = without_comments(library);
  closure used(statements_of(text));
  for (const auto& function : functions)
    if (!used.add_function(function)) return commands_in(text);
  return call_reader(used.text(), text).run();
}

bool has_sub_commands(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 15> groups{"ACL",      "CLIENT",  "CLUSTER", "COMMAND", "CONFIG",
                                                    "FUNCTION", "LATENCY", "MEMORY",  "MODULE",  "OBJECT",
                                                    "PUBSUB",   "SCRIPT",  "SLOWLOG", "XGROUP",  "XINFO"};
  return std::ranges::find(groups, name) != groups.end();
}

}  // namespace scanhost::plugin
