// SPDX-License-Identifier: Apache-2.0
#include "verify/observed_commands.hpp"

#include <algorithm>
#include <cctype>

#include "plugin/lua_commands.hpp"
#include "scanhost/testing/memory_store.hpp"

namespace scanhost::verify {
namespace {

using testing::memory_store;

constexpr std::size_t min_name = 3, max_name = 24;

bool is_upper(char c) noexcept { return std::isupper(static_cast<unsigned char>(c)) != 0; }

// As in access rules, which have no blanks.
std::string escaped(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') pattern += '\\';
    pattern += c > ' ' && c <= '~' ? c : '?';
  }
  return pattern;
}

// The keys that SCAN or KEYS looks for; the plugin will use them. Empty: any, or another command.
std::string walked_keys(std::string_view name, const testing::call& sent) {
  std::string_view glob;
  if (name == "KEYS" && sent.args.size() > 1) glob = sent.args[1];
  if (name == "SCAN")
    if (const auto at = testing::stored::place_of_word(sent, "MATCH"); at && *at + 1 < sent.args.size())
      glob = sent.args[*at + 1];
  const auto stem = glob.substr(0, glob.find_first_of("*?[\\"));
  if (stem.empty()) return {};
  const auto pattern = key_pattern(stem);
  return pattern.ends_with('*') || stem.size() == glob.size() ? pattern : pattern + "*";
}

// EVAL TEXT, and those of the same family.
bool has_script_text(std::string_view name) noexcept { return name == "EVAL" || name == "EVAL_RO"; }

bool is_name_of_command(std::string_view word) {
  return word.size() <= max_name && memory_store::knows(word) &&
         memory_store::type_of(word) != memory_store::type::none;
}

}  // namespace

void observed_commands::merge(const observed_commands& other) {
  names.insert(other.names.begin(), other.names.end());
  in_scripts.insert(other.in_scripts.begin(), other.in_scripts.end());
  keys.insert(other.keys.begin(), other.keys.end());
  channels.insert(other.channels.begin(), other.channels.end());
  unknown.insert(other.unknown.begin(), other.unknown.end());
  writes = writes || other.writes;
}

observed_commands observe(const testing::call& sent) {
  observed_commands seen;
  if (sent.args.empty()) return seen;
  const auto name = testing::stored::upper(sent.args.front());
  auto whole = name;
  if (plugin::has_sub_commands(name) && sent.args.size() > 1)
    whole += " " + testing::stored::upper(sent.args[1]);
  if (!memory_store::knows(name)) seen.unknown.insert(whole);
  seen.names.insert(std::move(whole));
  seen.writes = !memory_store::knows(name) || memory_store::changes(sent);
  for (const auto& key : memory_store::keys_of(sent)) seen.keys.insert(key_pattern(key));
  if (const auto walked = walked_keys(name, sent); !walked.empty()) seen.keys.insert(walked);
  if ((name == "PUBLISH" || name == "SPUBLISH") && sent.args.size() > 1)
    seen.channels.insert(key_pattern(sent.args[1]));
  if (!has_script_text(name) || sent.args.size() < 2) return seen;
  const auto inside = plugin::commands_in(sent.args[1]);
  seen.in_scripts = inside.names;
  for (const auto& channel : inside.channels)
    seen.channels.insert(channel == "*" ? channel : escaped(channel));
  if (inside.computes_names) seen.unknown.insert(name);
  return seen;
}

std::string key_pattern(std::string_view key) {
  const auto end = std::ranges::find_if(
      key, [](char c) { return c == ':' || std::isdigit(static_cast<unsigned char>(c)) != 0; });
  if (end == key.end()) return escaped(key);
  const auto size = static_cast<std::size_t>(end - key.begin()) + (*end == ':' ? 1 : 0);
  return escaped(key.substr(0, size)) + "*";
}

bool may_write(const std::string& name) {
  testing::call named;
  named.args = {name.substr(0, name.find(' '))};
  return !memory_store::knows(named.args.front()) || memory_store::changes(named);
}

// Linkers keep GET as the end of HGET where a file has both.
std::set<std::string> commands_named_in(std::string_view file) {
  std::set<std::string> found;
  bool has_usage = false;
  for (std::size_t at = 0; at < file.size();) {
    if (!is_upper(file[at])) {
      ++at;
      continue;
    }
    auto end = at;
    while (end < file.size() && (is_upper(file[end]) || file[end] == '_')) ++end;
    const bool ends_a_text = end < file.size() && file[end] == '\0';
    if (ends_a_text && file.substr(at, end - at) == "USAGE") has_usage = true;
    for (auto begin = at; ends_a_text && begin + min_name <= end; ++begin)
      if (const auto word = file.substr(begin, end - begin); is_name_of_command(word)) found.emplace(word);
    at = end;
  }
  if (has_usage && found.erase("MEMORY") > 0) found.insert("MEMORY USAGE");
  return found;
}

}  // namespace scanhost::verify
