// SPDX-License-Identifier: Apache-2.0
#include "store/protocol/states.hpp"

#include <array>

#include "scanhost/store.h"

namespace scanhost::store {
namespace {

using namespace std::string_view_literals;
using base::errc;

constexpr auto reply = std::int32_t{SCANHOST_OUTCOME_ERROR_REPLY};
constexpr auto transient = std::int32_t{SCANHOST_OUTCOME_TRANSIENT};
constexpr auto permanent = std::int32_t{SCANHOST_OUTCOME_PERMANENT};

// --- the states, in the order of the enumeration

constexpr std::array facts{
    state_facts{state::serving, "serving", "serves", "", refusal::none, true, true, errc::data},
    state_facts{state::loading, "loading", "is loading its data", "", refusal::all, true, true,
                errc::unavailable},
    state_facts{state::busy, "busy", "is busy with a script or function that runs for long",
                "end it with SCRIPT KILL or FUNCTION KILL if it does not end by itself", refusal::all, true,
                true, errc::unavailable},
    state_facts{state::out_of_memory, "out_of_memory", "is out of memory",
                "give it more memory (maxmemory) or make room", refusal::writes, true, true,
                errc::unavailable},
    state_facts{state::misconfigured, "misconfigured", "refuses writes because it cannot save its data",
                "look at the server's log and its disk", refusal::writes, true, true, errc::unavailable},
    state_facts{state::too_few_replicas, "too_few_replicas", "refuses writes because it has too few replicas",
                "bring its replicas back (min-replicas-to-write)", refusal::writes, true, true,
                errc::unavailable},
    state_facts{state::read_only, "read_only", "is a replica, which takes no writes",
                "let the store's address lead to the primary", refusal::writes, true, true,
                errc::unavailable},
    state_facts{state::cluster_down, "cluster_down", "does not serve because its cluster is down",
                "look at CLUSTER INFO and CLUSTER SHARDS", refusal::all, true, true, errc::unavailable},
    state_facts{state::slots_moving, "slots_moving", "is moving the slots of keys to another node",
                "if none is on its way, a script uses a key of another slot than its own", refusal::some,
                true, true, errc::unavailable},
    state_facts{state::primary_down, "primary_down", "is a replica that has lost its primary",
                "bring the primary back, or make the replica one", refusal::all, true, true,
                errc::unavailable},
    state_facts{state::login_needed, "login_needed", "asks for a login",
                "set store.username and the password", refusal::all, false, true, errc::no_permission},
    state_facts{state::login_refused, "login_refused", "refuses the login",
                "check store.username and the password", refusal::all, false, true, errc::no_permission},
    state_facts{state::no_permission, "no_permission", "denies its user a permission",
                "give the store's user the right with ACL SETUSER", refusal::some, false, false,
                errc::no_permission},
    state_facts{state::too_many_clients, "too_many_clients", "has as many clients as it takes",
                "raise its maxclients, or find out who keeps connections open", refusal::all, true, true,
                errc::unavailable},
    state_facts{state::protected_mode, "protected_mode",
                "is in protected mode and takes no connections from other machines",
                "set a password for its default user, or its protected-mode to no", refusal::all, false, true,
                errc::no_permission},
    state_facts{state::functions_missing, "functions_missing", "does not have a function that is called",
                "install the functions with scanhost functions install", refusal::some, true, false,
                errc::missing},
    state_facts{state::unknown_command, "unknown_command", "does not know a command that is sent",
                "use a server that has it, and do not rename it (rename-command)", refusal::some, false,
                false, errc::data},
    state_facts{state::wrong_database, "wrong_database", "does not have the database",
                "check store.database or the number in store.url", refusal::all, false, true, errc::config},
    state_facts{state::wrong_mode, "wrong_mode", "is of another kind than the configuration says",
                "check store.mode and store.url", refusal::all, false, true, errc::config},
    state_facts{state::away, "away", "cannot be reached", "", refusal::all, true, true, errc::unavailable}};

static_assert(facts.size() == state_count);

// --- what the server says

enum class match : std::uint8_t {
  code,   // the text's first word
  begin,  // the text's beginning
};

struct saying {
  match how;
  std::string_view text;
  verdict means;
};

constexpr verdict of_store(state which, std::int32_t outcome) {
  return {fault::store, which, outcome, false};
}
constexpr verdict of_caller{fault::caller, state::serving, reply, false};

// The texts of Redis and Valkey, also those of their older releases. The kinds of outcome are those that
// scanhost/store.h promises to plugins.
constexpr std::array sayings{
    saying{match::code, "LOADING", of_store(state::loading, transient)},
    saying{match::code, "BUSY", of_store(state::busy, reply)},
    saying{match::code, "UNKILLABLE", of_store(state::busy, reply)},
    saying{match::code, "OOM", of_store(state::out_of_memory, reply)},
    saying{match::code, "MISCONF", of_store(state::misconfigured, reply)},
    saying{match::code, "NOREPLICAS", of_store(state::too_few_replicas, reply)},
    saying{match::code, "READONLY", of_store(state::read_only, transient)},
    saying{match::code, "REDIRECT", of_store(state::read_only, reply)},
    saying{match::begin, "UNBLOCKED force unblock", of_store(state::read_only, reply)},
    saying{match::code, "CLUSTERDOWN", of_store(state::cluster_down, transient)},
    saying{match::code, "TRYAGAIN", of_store(state::slots_moving, transient)},
    saying{match::code, "MOVED", of_store(state::slots_moving, transient)},
    saying{match::code, "ASK", of_store(state::slots_moving, transient)},
    // To a script that uses a key again after it has removed it, or looks for one that does not exist; the
    // second text of each kind is Valkey 9's.
    saying{match::begin, "ERR Script attempted to access a non local key",
           of_store(state::slots_moving, reply)},
    saying{match::begin, "ERR Attempted to access a non local key", of_store(state::slots_moving, reply)},
    saying{match::begin, "ERR Script attempted to execute a command while the cluster is down",
           of_store(state::cluster_down, reply)},
    saying{match::begin, "ERR Attempted to execute a command while the cluster is down",
           of_store(state::cluster_down, reply)},
    saying{match::begin, "ERR Script attempted to execute a write command while the cluster is down",
           of_store(state::cluster_down, reply)},
    saying{match::begin, "ERR Attempted to execute a write command while the cluster is down",
           of_store(state::cluster_down, reply)},
    saying{match::code, "MASTERDOWN", of_store(state::primary_down, transient)},
    saying{match::code, "NOMASTERLINK", of_store(state::primary_down, reply)},
    saying{match::code, "NOAUTH", of_store(state::login_needed, permanent)},
    saying{match::begin, "ERR operation not permitted", of_store(state::login_needed, reply)},
    saying{match::code, "WRONGPASS", of_store(state::login_refused, permanent)},
    saying{match::begin, "ERR invalid password", of_store(state::login_refused, reply)},
    saying{match::begin, "ERR invalid username-password", of_store(state::login_refused, reply)},
    saying{match::begin, "ERR AUTH <password> called without", of_store(state::login_refused, reply)},
    saying{match::begin, "ERR Client sent AUTH, but no password", of_store(state::login_refused, reply)},
    saying{match::code, "NOPERM", of_store(state::no_permission, permanent)},
    saying{match::begin, "ERR The user executing the script can't", of_store(state::no_permission, reply)},
    saying{match::begin, "ERR ACL failure in script", of_store(state::no_permission, reply)},
    saying{match::begin, "ERR max number of clients", of_store(state::too_many_clients, reply)},
    saying{match::code, "DENIED", of_store(state::protected_mode, reply)},
    saying{match::begin, "ERR Function not found", of_store(state::functions_missing, transient)},
    saying{match::begin, "ERR unknown command", of_store(state::unknown_command, reply)},
    saying{match::begin, "ERR unknown subcommand", of_store(state::unknown_command, reply)},
    saying{match::begin, "ERR Unknown subcommand", of_store(state::unknown_command, reply)},
    saying{match::begin, "ERR Unknown Redis command", of_store(state::unknown_command, reply)},
    saying{match::begin, "ERR Unknown Valkey command", of_store(state::unknown_command, reply)},
    saying{match::begin, "ERR Unknown command", of_store(state::unknown_command, reply)},
    saying{match::begin, "ERR DB index is out of range", of_store(state::wrong_database, reply)},
    saying{match::begin, "ERR invalid DB index", of_store(state::wrong_database, reply)},
    saying{match::begin, "ERR SELECT is not allowed in cluster mode", of_store(state::wrong_mode, reply)},
    saying{match::begin, "ERR This instance has cluster support disabled",
           of_store(state::wrong_mode, reply)},
    saying{match::code, "CROSSSLOT", of_caller}, saying{match::code, "NOSCRIPT", of_caller},
    saying{match::begin, "ERR wrong number of arguments", of_caller},
    saying{match::begin, "ERR syntax error", of_caller}};

bool says(std::string_view text, const saying& known) noexcept {
  if (!text.starts_with(known.text)) return false;
  return known.how == match::begin || text.size() == known.text.size() || text[known.text.size()] == ' ';
}

// The error inside of one that passes it on: a transaction that was given up, or a script of a server before
// 7.0. Empty: it is none of these.
std::string_view inner_error(std::string_view text) noexcept {
  constexpr auto transaction = "EXECABORT Transaction discarded because of: "sv;
  if (text.starts_with(transaction)) return text.substr(transaction.size());
  if (!text.starts_with("ERR Error running script"sv)) return {};
  const auto at = text.find(": -"sv);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + 2);
}

std::string_view without_dash(std::string_view text) noexcept {
  return text.starts_with('-') ? text.substr(1) : text;
}

bool names_key(std::string_view text) noexcept {
  return text.find(" key") != std::string_view::npos || text.find(" channel") != std::string_view::npos;
}

}  // namespace

verdict judge(std::string_view text) noexcept {
  if (const auto inner = inner_error(text); !inner.empty()) {
    auto found = judge(without_dash(inner));
    found.outcome = reply;
    return found;
  }
  for (const auto& known : sayings) {
    if (!says(text, known)) continue;
    auto found = known.means;
    found.about_key = found.state == state::no_permission && names_key(text);
    return found;
  }
  return {};
}

const state_facts& facts_of(state which) noexcept {
  const auto index = static_cast<std::size_t>(which);
  return facts[index < facts.size() ? index : 0];
}

}  // namespace scanhost::store
