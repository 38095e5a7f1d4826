// SPDX-License-Identifier: Apache-2.0
//
// The table of refused commands and its lookup, which every command passes.
#include "store/refused.hpp"

#include <algorithm>
#include <array>

namespace scanhost::store {
namespace {

constexpr std::string_view transaction =
    "refused: the connection is shared by all scans of this scanner, so there are no transactions; use a guarded write instead (one constant EVAL script, all keys in one slot, that checks again and acts)";
constexpr std::string_view changes_connection =
    "refused: it would change the connection for all scans of this scanner; set user, password and database in the configuration (store)";
constexpr std::string_view subscription =
    "refused: a connection that is shared by all scans of this scanner cannot subscribe; read the index in each cycle instead";
constexpr std::string_view blocks =
    "refused: it can block the connection that all scans of this scanner share; use the form that does not block and look again in the next cycle";
constexpr std::string_view replication =
    "refused: it would turn the connection that all scans of this scanner share into another protocol";
constexpr std::string_view server_control =
    "refused: a scanner does not stop, stall or fail over a server; that is the operator's to do";
constexpr std::string_view nothing = "refused: a command needs a name; give at least one argument";

// By `argument`: refused only with this word as the first argument. Sorted by name.
struct entry {
  std::string_view name;
  std::string_view reason;
  std::string_view argument = {};
};

constexpr std::array table = {
    entry{"AUTH", changes_connection},
    entry{"BLMOVE", blocks},
    entry{"BLMPOP", blocks},
    entry{"BLPOP", blocks},
    entry{"BRPOP", blocks},
    entry{"BRPOPLPUSH", blocks},
    entry{"BZMPOP", blocks},
    entry{"BZPOPMAX", blocks},
    entry{"BZPOPMIN", blocks},
    entry{"CLIENT", changes_connection, "REPLY"},
    entry{"DEBUG", server_control},
    entry{"DISCARD", transaction},
    entry{"EXEC", transaction},
    entry{"FAILOVER", server_control},
    entry{"HELLO", changes_connection},
    entry{"MONITOR", subscription},
    entry{"MULTI", transaction},
    entry{"PSUBSCRIBE", subscription},
    entry{"PSYNC", replication},
    entry{"PUNSUBSCRIBE", subscription},
    entry{"QUIT", changes_connection},
    entry{"RESET", changes_connection},
    entry{"SELECT", changes_connection},
    entry{"SHUTDOWN", server_control},
    entry{"SSUBSCRIBE", subscription},
    entry{"SUBSCRIBE", subscription},
    entry{"SUNSUBSCRIBE", subscription},
    entry{"SYNC", replication},
    entry{"UNSUBSCRIBE", subscription},
    entry{"UNWATCH", transaction},
    entry{"WAIT", blocks},
    entry{"WAITAOF", blocks},
    entry{"WATCH", transaction},
    entry{"XREAD", blocks, "BLOCK"},
    entry{"XREADGROUP", blocks, "BLOCK"},
};
static_assert(std::ranges::is_sorted(table, {}, &entry::name));

constexpr std::size_t max_name_length = 12;

constexpr char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool same(const scanhost_string& text, std::string_view word) noexcept {
  return text.size == word.size() &&
         std::equal(word.begin(), word.end(), text.data, [](char a, char b) { return a == upper(b); });
}

// Whether XREAD or XREADGROUP has the option BLOCK: options stand before STREAMS, and the names of a
// group and its consumer are not options.
bool reads_blocking(const scanhost_string* args, std::size_t count) noexcept {
  for (std::size_t i = 1; i < count; ++i) {
    if (same(args[i], "STREAMS")) return false;
    if (same(args[i], "BLOCK")) return true;
    if (same(args[i], "GROUP")) i += 2;
    if (same(args[i], "COUNT")) i += 1;
  }
  return false;
}

bool applies(const entry& found, const scanhost_string* args, std::size_t count) noexcept {
  if (found.argument.empty()) return true;
  if (found.argument == "BLOCK") return reads_blocking(args, count);
  return count > 1 && same(args[1], found.argument);
}

}  // namespace

std::string_view refusal(const scanhost_string* args, std::size_t count) noexcept {
  if (count == 0 || args == nullptr || args[0].size == 0) return nothing;
  if (args[0].size > max_name_length) return {};
  std::array<char, max_name_length> name;
  std::transform(args[0].data, args[0].data + args[0].size, name.begin(), upper);
  const std::string_view command_name(name.data(), args[0].size);
  const auto found = std::ranges::lower_bound(table, command_name, {}, &entry::name);
  if (found == table.end() || found->name != command_name || !applies(*found, args, count)) return {};
  return found->reason;
}

}  // namespace scanhost::store
