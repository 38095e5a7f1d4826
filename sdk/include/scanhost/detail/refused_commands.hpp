// SPDX-License-Identifier: Apache-2.0
//
// The commands that the host never sends, because all scans of a scanner share its connections: they would
// change or block a connection for the other scans. The only list: the host, the fake store of the test kit
// and `scanhost plugin verify` all use it. It is a fixed table, since it has to hold before any server was
// asked.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "../types.h"

namespace scanhost::inline v1_0::detail {

namespace refused {

inline constexpr std::string_view transaction =
    "refused: the connection is shared by all scans of this scanner, so there are no transactions; use a guarded write instead (one constant EVAL script, all keys in one slot, that checks again and acts)";
inline constexpr std::string_view changes_connection =
    "refused: it would change the connection for all scans of this scanner; set user, password and database in the configuration (store)";
inline constexpr std::string_view subscription =
    "refused: a connection that is shared by all scans of this scanner cannot subscribe; read the index in each cycle instead";
inline constexpr std::string_view blocks =
    "refused: it can block the connection that all scans of this scanner share; use the form that does not block and look again in the next cycle";
inline constexpr std::string_view replication =
    "refused: it would turn the connection that all scans of this scanner share into a replication link; read the keys with ordinary commands";
inline constexpr std::string_view server_control =
    "refused: a scanner must not stop, stall or fail over a server; leave that to the operator";
inline constexpr std::string_view no_name = "refused: a command needs a name; give at least one argument";

struct row {
  std::string_view name;
  std::string_view reason;
  std::string_view argument = {};  // not empty: refused only with this argument
};

inline constexpr std::array table = {
    row{"AUTH", changes_connection},
    row{"BLMOVE", blocks},
    row{"BLMPOP", blocks},
    row{"BLPOP", blocks},
    row{"BRPOP", blocks},
    row{"BRPOPLPUSH", blocks},
    row{"BZMPOP", blocks},
    row{"BZPOPMAX", blocks},
    row{"BZPOPMIN", blocks},
    row{"CLIENT", changes_connection, "REPLY"},
    row{"DEBUG", server_control},
    row{"DISCARD", transaction},
    row{"EXEC", transaction},
    row{"FAILOVER", server_control},
    row{"HELLO", changes_connection},
    row{"MONITOR", subscription},
    row{"MULTI", transaction},
    row{"PSUBSCRIBE", subscription},
    row{"PSYNC", replication},
    row{"PUNSUBSCRIBE", subscription},
    row{"QUIT", changes_connection},
    row{"RESET", changes_connection},
    row{"SELECT", changes_connection},
    row{"SHUTDOWN", server_control},
    row{"SSUBSCRIBE", subscription},
    row{"SUBSCRIBE", subscription},
    row{"SUNSUBSCRIBE", subscription},
    row{"SYNC", replication},
    row{"UNSUBSCRIBE", subscription},
    row{"UNWATCH", transaction},
    row{"WAIT", blocks},
    row{"WAITAOF", blocks},
    row{"WATCH", transaction},
    row{"XREAD", blocks, "BLOCK"},
    row{"XREADGROUP", blocks, "BLOCK"},
};
static_assert(std::ranges::is_sorted(table, {}, &row::name));

inline constexpr std::size_t max_name_length = 12;
static_assert(std::ranges::all_of(table,
                                  [](const row& each) { return each.name.size() <= max_name_length; }));

constexpr char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

constexpr bool same_word(const scanhost_string& text, std::string_view upper_case) noexcept {
  return text.size == upper_case.size() && std::equal(upper_case.begin(), upper_case.end(), text.data,
                                                      [](char a, char b) { return a == upper(b); });
}

// Whether XREAD or XREADGROUP has the option BLOCK: options stand before STREAMS, and the names of a
// group and its consumer are not options.
constexpr bool reads_blocking(const scanhost_string* args, std::size_t count) noexcept {
  for (std::size_t i = 1; i < count; ++i) {
    if (same_word(args[i], "STREAMS")) return false;
    if (same_word(args[i], "BLOCK")) return true;
    if (same_word(args[i], "GROUP")) i += 2;
    if (same_word(args[i], "COUNT")) i += 1;
  }
  return false;
}

constexpr bool applies(const row& found, const scanhost_string* args, std::size_t count) noexcept {
  if (found.argument.empty()) return true;
  if (found.argument == "BLOCK") return reads_blocking(args, count);
  return count > 1 && same_word(args[1], found.argument);
}

}  // namespace refused

// Why the host refuses this command and what to do instead; empty: it may be sent. The text is static.
constexpr std::string_view reason_to_refuse(const scanhost_string* args, std::size_t count) noexcept {
  if (count == 0 || args == nullptr || args[0].size == 0) return refused::no_name;
  if (args[0].size > refused::max_name_length) return {};
  std::array<char, refused::max_name_length> upper_case{};
  std::transform(args[0].data, args[0].data + args[0].size, upper_case.begin(), refused::upper);
  const std::string_view name(upper_case.data(), args[0].size);
  const auto found = std::ranges::lower_bound(refused::table, name, {}, &refused::row::name);
  if (found == refused::table.end() || found->name != name || !refused::applies(*found, args, count))
    return {};
  return found->reason;
}

}  // namespace scanhost::inline v1_0::detail
