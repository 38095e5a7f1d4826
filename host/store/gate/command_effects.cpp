// SPDX-License-Identifier: Apache-2.0
#include "store/gate/command_effects.hpp"

#include <algorithm>
#include <array>

#include "scanhost/detail/refused_commands.hpp"
#include "scanhost/text.hpp"
#include "store/protocol/command_table.hpp"
#include "store/protocol/reply_lists.hpp"
#include "store/protocol/script.hpp"

namespace scanhost::store {
namespace {

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

std::string name_of(std::string_view word) {
  std::string name;
  command_table::append_name(name, word);
  return name;
}

std::string name_in(const scanhost_command& command, std::size_t index) {
  return index < command.arg_count ? name_of(view(command.args[index])) : std::string();
}

// A key specification is a list of names and values; its flags say what becomes of the key.
bool changes_keys(const scanhost_reply& specification) {
  const auto flags = list_in(value_in(list_in(&specification), "flags"));
  return has_text(flags, "RW") || has_text(flags, "OW") || has_text(flags, "RM");
}

bool is_harmless(const std::string& name, const std::string& with_argument) {
  return std::ranges::binary_search(harmless, std::string_view(name)) ||
         std::ranges::binary_search(harmless, std::string_view(with_argument));
}

}  // namespace

command_effects command_effects::of(const scanhost_reply& commands) {
  command_effects effects;
  for (const auto& command : list_in(&commands)) effects.add(command);
  return effects;
}

void command_effects::add(const scanhost_reply& command) {
  const auto parts = list_in(&command);
  if (parts.size() <= command_table::specifications_place) return;
  const bool reads = has_text(list_in(&parts[command_table::flags_place]), "readonly") &&
                     std::ranges::none_of(list_in(&parts[command_table::specifications_place]), changes_keys);
  if (reads) reading_.insert(name_of(view(parts[command_table::name_place].text)));
  if (parts.size() <= command_table::subcommands_place) return;
  for (const auto& subcommand : list_in(&parts[command_table::subcommands_place])) add(subcommand);
}

effect command_effects::of(const scanhost_command& command) const {
  if (script_of(command) != nullptr) return effect::script;
  const auto name = name_in(command, 0);
  if (std::ranges::count(script_calls, name) > 0) return effect::script;
  const auto with_argument = name + "|" + name_in(command, 1);
  const bool reads =
      reading_.contains(name) || reading_.contains(with_argument) || is_harmless(name, with_argument);
  return reads ? effect::reads : effect::changes;
}

command_title title_of(const scanhost_command& command) {
  if (const auto* script = script_of(command)) return {"EVALSHA", {}, script->sha1};
  command_title title;
  if (command.arg_count == 0) return title;
  title.command = view(command.args[0]).substr(0, command_table::max_name_size);
  std::ranges::transform(title.command, title.command.begin(), detail::refused::upper);
  const bool calls = title.command == "FCALL" || title.command == "FCALL_RO";
  if (calls && command.arg_count > 1) title.function = view(command.args[1]);
  return title;
}

}  // namespace scanhost::store
