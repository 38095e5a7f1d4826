// SPDX-License-Identifier: Apache-2.0
//
// What a flow's core says about whether the flow may go.
#pragma once

#include <cstdint>
#include <optional>
#include <scanhost/command.hpp>
#include <scanhost/reply.hpp>
#include <string>
#include <string_view>

namespace ff {

struct flow_record {
  bool exists = false;
  std::string state;                         // text of public_flow_state; empty where it is absent
  std::string changed;                       // text of last_mutation_at; empty where it is absent
  std::optional<std::uint64_t> last_change;  // ms, the latest of the times it has; nothing: it has none
  bool had_members = false;

  // No member can be added any more.
  bool is_closed() const { return state == "cancelled" || state == "completed" || state == "failed"; }
  // It may go even if there is no member in its set: some were added once, or none can be.
  bool may_be_empty() const { return had_members || is_closed(); }
};

// HMGET <core> ..., and what its reply says.
scanhost::command read_flow(std::string_view tag, std::string_view id);
flow_record flow_of(const scanhost::outcome& core);

}  // namespace ff
