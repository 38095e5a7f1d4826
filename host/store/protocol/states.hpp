// SPDX-License-Identifier: Apache-2.0
//
// The states of a store in which it does not serve, or not fully, and who is at fault when the server answers
// with an error. One table is behind all of it: what the server says, what it means for the command, whether
// it passes by itself, the words for people. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::store {

enum class state : std::uint8_t {
  serving,  // nothing is known to be wrong with it
  loading,
  busy,
  out_of_memory,
  misconfigured,
  too_few_replicas,
  read_only,
  cluster_down,
  slots_moving,
  primary_down,
  login_needed,
  login_refused,
  no_permission,
  too_many_clients,
  protected_mode,
  functions_missing,
  unknown_command,
  wrong_database,
  wrong_mode,
  away
};
inline constexpr std::size_t state_count = 20;

// Who has to change for the command to succeed.
enum class fault : std::uint8_t {
  store,  // the server or its settings, the rights of its user: nothing is said about the item
  item,   // what the command is about
  caller  // whoever made the command
};

// Which commands a state refuses. It decides how the end of the state is found out.
enum class refusal : std::uint8_t {
  none,
  all,     // or all that touch keys
  writes,  // those that may change data
  some     // some commands, keys or functions, whatever they do
};

struct verdict {
  store::fault fault = store::fault::item;
  store::state state = store::state::serving;  // only of fault::store
  std::int32_t outcome = 1;                    // SCANHOST_OUTCOME_*, as scanhost/store.h describes it
  bool about_key = false;                      // no_permission: for a key, not for a command
  bool operator==(const verdict&) const = default;
};

// By the text of an error reply, without its "-". An error that a script or function only passes on is judged
// as if the server had answered with it at once.
verdict judge(std::string_view text) noexcept;

// What is known of a state, for programs and people.
struct state_facts {
  store::state state;
  std::string_view label;     // of metrics and status: "out_of_memory"
  std::string_view sentence;  // "is out of memory"; the subject is the server
  std::string_view advice;    // what an operator can do; empty: nothing
  refusal refuses;
  bool passes;         // by itself, without a change of the configuration or of rights
  bool of_the_server;  // the same for all scanners of the store
  base::errc error;    // the error of a command that it ends
};
const state_facts& facts_of(state which) noexcept;
inline std::string_view label_of(state which) noexcept { return facts_of(which).label; }

}  // namespace scanhost::store
