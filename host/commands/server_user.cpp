// SPDX-License-Identifier: Apache-2.0
#include "commands/server_user.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "scanhost/ext/explain.h"
#include "store/connection/host_commands.hpp"

namespace scanhost::commands {
namespace {

using whose = std::map<std::string, std::set<std::string>>;

// "XGROUP CREATE" -> "+xgroup|create"
std::string rule_of(const std::string& command) {
  std::string rule = "+";
  for (const char c : command)
    rule += c == ' ' ? '|' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return rule;
}

bool calls_functions(const config::description& plugin) {
  return !plugin.functions.empty() || !plugin.optional_functions.empty();
}

bool writes(const scanner_needs& scanner) {
  if (scanner.gate == gate_use::read_only) return false;
  return scanner.seen.sent.writes || calls_functions(scanner.plugin);
}

bool is_needed(store::asked_when when, const scanner_needs& scanner, const user_settings& settings) {
  const auto& plugin = scanner.plugin;
  const auto any_family = [&](auto condition) { return std::ranges::any_of(plugin.families, condition); };
  switch (when) {
    case store::asked_when::other_database:
      return settings.other_database;
    case store::asked_when::functions:
      return calls_functions(plugin);
    case store::asked_when::counted:
      return any_family([](const auto& family) { return family.counted() && !family.count_key.empty(); });
    case store::asked_when::members:
      return any_family([](const auto& family) { return family.members == config::member_source::key; });
    case store::asked_when::cluster:
      return settings.cluster;
    case store::asked_when::writes:
      return writes(scanner);
    case store::asked_when::gate:
      return scanner.gate != gate_use::none;
    case store::asked_when::explains:
      return plugin.offers(SCANHOST_EXT_EXPLAIN);
    case store::asked_when::always:
      break;
  }
  return true;
}

void add_rules(const whose& patterns, const std::string& prefix, const std::string& reason,
               std::vector<server_user::rule>& rules) {
  for (const auto& [pattern, scanners] : patterns)
    rules.push_back({prefix + pattern, {fmt::format("{} {}", reason, fmt::join(scanners, ", "))}});
}

// The form in which the gate sends a script or function where nothing may be changed.
std::string as_sent(const std::string& command, gate_use gate) {
  const bool runs_code = command == "EVAL" || command == "EVALSHA" || command == "FCALL";
  return gate == gate_use::read_only && runs_code ? command + "_RO" : command;
}

// A pattern here ends with its only `*`, or has none.
bool matches(std::string_view pattern, std::string_view key) {
  return pattern.ends_with('*') ? key.starts_with(pattern.substr(0, pattern.size() - 1)) : key == pattern;
}

}  // namespace

void server_user::add(const scanner_needs& scanner) {
  add_host_commands(scanner);
  for (const auto& command : scanner.seen.sent.names)
    allow(as_sent(command, scanner.gate), "sent by", scanner.name);
  for (const auto& command : scanner.seen.sent.in_scripts) allow(command, "in a script of", scanner.name);
  for (const auto& command : scanner.functions.names) allow(command, "in a function of", scanner.name);
  if (calls_functions(scanner.plugin))
    allow(as_sent("FCALL", scanner.gate), "calls functions:", scanner.name);
  if (scanner.gate == gate_use::read_only) read_only_.insert(scanner.name);
  for (const auto& command : scanner.seen.named) {
    allow(as_sent(command, scanner.gate), "named in the file of", scanner.name);
    only_named_.insert(scanner.name);
  }
  // The host sends the digest in place of a script that the server knows.
  if (commands_.contains("+eval")) commands_["+evalsha"] = commands_["+eval"];
  if (commands_.contains("+eval_ro")) commands_["+evalsha_ro"] = commands_["+eval_ro"];
  add_keys(scanner);
  for (const auto& channel : scanner.seen.sent.channels) channels_[channel].insert(scanner.name);
  for (const auto& channel : scanner.functions.channels) channels_[channel].insert(scanner.name);
  unknown_keys_.insert(scanner.seen.sent.unknown.begin(), scanner.seen.sent.unknown.end());
  if (!scanner.plugin.function_library.empty()) libraries_.insert(scanner.plugin.function_library);
  if (scanner.functions.computes_names) unclear_scripts_.insert(scanner.name);
}

void server_user::add_host_commands(const scanner_needs& scanner) {
  for (const auto& command : store::host_commands)
    if (is_needed(command.when, scanner, settings_))
      commands_[std::string(command.rule)].try_emplace(std::string(command.why));
}

void server_user::add_keys(const scanner_needs& scanner) {
  if (scanner.seen.sent.keys.empty()) without_keys_.insert(scanner.name);
  const bool any_writes = writes(scanner);
  probe_writes_ = probe_writes_ || any_writes;
  for (const auto& pattern : scanner.seen.sent.keys)
    (any_writes ? written_ : read_)[pattern].insert(scanner.name);
  for (const auto& family : scanner.plugin.families) {
    const bool listed = family.members == config::member_source::key;
    const auto& key = listed ? family.members_from : family.count_key;
    if (!key.empty()) read_[key].insert(scanner.name);
  }
}

void server_user::allow(const std::string& command, const std::string& reason, const std::string& scanner) {
  commands_[rule_of(command)][reason].insert(scanner);
}

bool server_user::covers(const std::string& key) const {
  return std::ranges::any_of(written_, [&](const auto& entry) { return matches(entry.first, key); });
}

std::vector<server_user::rule> server_user::rules() const {
  auto read = read_;
  std::erase_if(read, [&](const auto& entry) { return covers(entry.first); });
  std::vector<rule> rules;
  add_rules(written_, "~", "keys of", rules);
  add_rules(read, "%R~", "keys that are only read, of", rules);
  rules.push_back(
      {fmt::format("{}~*{}", probe_writes_ ? "" : "%R", store::probe_key_end),
       {"the key by which the host looks whether a state of the store is over; it never exists"}});
  add_rules(channels_, "&", "published to by", rules);
  for (const auto& [text, reasons] : commands_) {
    rule next{text, {}};
    for (const auto& [reason, scanners] : reasons)
      next.reasons.push_back(scanners.empty() ? reason
                                              : fmt::format("{} {}", reason, fmt::join(scanners, ", ")));
    rules.push_back(std::move(next));
  }
  return rules;
}

std::string server_user::command() const {
  auto text = fmt::format("ACL SETUSER {} reset on >PASSWORD", settings_.name);
  for (const auto& rule : rules()) text += " " + rule.text;
  return text;
}

std::vector<std::string> server_user::remarks() const {
  std::vector<std::string> remarks;
  remarks.emplace_back(
      "The commands are those that the plugins sent to stores that were made up for this. A plugin may send others to your data: the server's ACL LOG then names them, and so does the host's log (NOPERM).");
  if (!only_named_.empty())
    remarks.push_back(fmt::format(
        "A command \"named in the file of\" a plugin was not sent; it may be needed in rare cases, or be a word with another meaning: {}.",
        fmt::join(only_named_, ", ")));
  if (!libraries_.empty())
    remarks.push_back(fmt::format(
        "Functions count as the library beside the plugins has them ({}). Another library with that name may run other commands. `scanhost functions install` needs +function|load, better as another user.",
        fmt::join(libraries_, ", ")));
  if (!without_keys_.empty())
    remarks.push_back(
        fmt::format("No key of these was seen; add patterns for them: {}.", fmt::join(without_keys_, ", ")));
  if (!unknown_keys_.empty())
    remarks.push_back(fmt::format("The keys of these commands are not known; add patterns for them: {}.",
                                  fmt::join(unknown_keys_, ", ")));
  if (!unclear_scripts_.empty())
    remarks.push_back(fmt::format("Some Lua functions choose their commands only when they run: {}.",
                                  fmt::join(unclear_scripts_, ", ")));
  if (!read_only_.empty())
    remarks.push_back(fmt::format(
        "Keys of these can only be read, since they run dry or are read-only; print the user again before that changes: {}.",
        fmt::join(read_only_, ", ")));
  if (!settings_.other_database)
    remarks.emplace_back("With a database other than 0, +select is needed as well.");
  if (!settings_.cluster) remarks.emplace_back("For a cluster, give --cluster.");
  remarks.emplace_back(
      "Key patterns reach to the first colon or digit of the keys that were seen; narrow them if you know your keys better.");
  return remarks;
}

}  // namespace scanhost::commands
