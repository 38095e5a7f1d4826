// SPDX-License-Identifier: Apache-2.0
#include "store/gate/command_effects.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "scanhost/detail/refused_commands.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/script.hpp"

namespace scanhost::store {
namespace {

// The places in the description of a command.
constexpr std::size_t place_of_name = 0;
constexpr std::size_t place_of_flags = 2;
constexpr std::size_t place_of_keys = 8;
constexpr std::size_t place_of_subcommands = 9;

constexpr std::size_t max_word_size = 64;  // longer words are no names of commands

// They change no data and no connection, though the server does not flag them `readonly`.
constexpr std::array<std::string_view, 53> harmless{"acl|whoami",
                                                    "client|getname",
                                                    "client|id",
                                                    "client|info",
                                                    "client|list",
                                                    "cluster|countkeysinslot",
                                                    "cluster|getkeysinslot",
                                                    "cluster|info",
                                                    "cluster|keyslot",
                                                    "cluster|links",
                                                    "cluster|myid",
                                                    "cluster|myshardid",
                                                    "cluster|nodes",
                                                    "cluster|shards",
                                                    "cluster|slots",
                                                    "command",
                                                    "command|count",
                                                    "command|docs",
                                                    "command|getkeys",
                                                    "command|getkeysandflags",
                                                    "command|info",
                                                    "command|list",
                                                    "config|get",
                                                    "echo",
                                                    "eval_ro",
                                                    "evalsha_ro",
                                                    "fcall_ro",
                                                    "function|dump",
                                                    "function|list",
                                                    "function|stats",
                                                    "info",
                                                    "lastsave",
                                                    "latency|doctor",
                                                    "latency|graph",
                                                    "latency|histogram",
                                                    "latency|history",
                                                    "latency|latest",
                                                    "lolwut",
                                                    "memory|doctor",
                                                    "memory|malloc-stats",
                                                    "memory|stats",
                                                    "module|list",
                                                    "ping",
                                                    "pubsub|channels",
                                                    "pubsub|numpat",
                                                    "pubsub|numsub",
                                                    "pubsub|shardchannels",
                                                    "pubsub|shardnumsub",
                                                    "role",
                                                    "script|exists",
                                                    "slowlog|get",
                                                    "slowlog|len",
                                                    "time"};
static_assert(std::ranges::is_sorted(harmless));

constexpr std::array<std::string_view, 3> script_calls{"eval", "evalsha", "fcall"};

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_word(std::string_view word) {
  std::string lower(word.substr(0, max_word_size));
  std::ranges::transform(lower, lower.begin(), to_lower);
  return lower;
}

std::string lower_argument(const scanhost_command& command, std::size_t index) {
  return index < command.arg_count ? lower_word(view(command.args[index])) : std::string();
}

std::span<const scanhost_reply> elements_in(const scanhost_reply& reply) {
  if (reply.kind != SCANHOST_REPLY_ARRAY) return {};
  return {reply.elements, reply.element_count};
}

bool has_element(const scanhost_reply& list, std::string_view text) {
  return std::ranges::any_of(elements_in(list),
                             [&](const scanhost_reply& element) { return view(element.text) == text; });
}

// A key specification is a list of names and values; its flags say what becomes of the key.
bool changes_keys(const scanhost_reply& specification) {
  const auto fields = elements_in(specification);
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    if (view(fields[i].text) == "flags")
      return has_element(fields[i + 1], "RW") || has_element(fields[i + 1], "OW") ||
             has_element(fields[i + 1], "RM");
  return false;
}

bool is_harmless(const std::string& name, const std::string& with_argument) {
  return std::ranges::binary_search(harmless, std::string_view(name)) ||
         std::ranges::binary_search(harmless, std::string_view(with_argument));
}

}  // namespace

command_effects command_effects::of(const scanhost_reply& commands) {
  command_effects effects;
  for (const auto& command : elements_in(commands)) effects.add(command);
  return effects;
}

void command_effects::add(const scanhost_reply& command) {
  const auto parts = elements_in(command);
  if (parts.size() <= place_of_keys) return;
  const bool reads = has_element(parts[place_of_flags], "readonly") &&
                     std::ranges::none_of(elements_in(parts[place_of_keys]), changes_keys);
  if (reads) reading_.insert(lower_word(view(parts[place_of_name].text)));
  if (parts.size() <= place_of_subcommands) return;
  for (const auto& subcommand : elements_in(parts[place_of_subcommands])) add(subcommand);
}

effect command_effects::of(const scanhost_command& command) const {
  if (script_of(command) != nullptr) return effect::script;
  const auto name = lower_argument(command, 0);
  if (std::ranges::count(script_calls, name) > 0) return effect::script;
  const auto with_argument = name + "|" + lower_argument(command, 1);
  const bool reads =
      reading_.contains(name) || reading_.contains(with_argument) || is_harmless(name, with_argument);
  return reads ? effect::reads : effect::changes;
}

command_title title_of(const scanhost_command& command) {
  if (const auto* script = script_of(command)) return {"EVALSHA", {}, script->sha1};
  command_title title;
  if (command.arg_count == 0) return title;
  title.command = view(command.args[0]).substr(0, max_word_size);
  std::ranges::transform(title.command, title.command.begin(), detail::refused::upper);
  const bool calls = title.command == "FCALL" || title.command == "FCALL_RO";
  if (calls && command.arg_count > 1) title.function = view(command.args[1]);
  return title;
}

}  // namespace scanhost::store
