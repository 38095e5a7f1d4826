// SPDX-License-Identifier: Apache-2.0
//
// What an execution's records say of its place: the index of its lane, and the score there (contract
// state.md 3 and 4, scanners.md 5.6).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <scanhost/command.hpp>
#include <scanhost/reply.hpp>
#include <string>
#include <string_view>

namespace ff {

// The indexes in which an execution's state may put it, one at a time.
inline constexpr std::array<std::string_view, 10> state_indexes = {
    "active",         "eligible",      "delayed",       "blocked:dependencies",
    "blocked:budget", "blocked:quota", "blocked:route", "blocked:operator",
    "suspended",      "terminal"};

// Fields of a hash, as they were read: absent and empty ones are different.
template <std::size_t Count>
using field_values = std::array<std::optional<std::string>, Count>;

template <std::size_t Count>
field_values<Count> read_fields(const scanhost::reply& answer) {
  field_values<Count> values;
  for (std::size_t i = 0; i < Count; ++i) values[i] = answer[i].optional_text();
  return values;
}

// HMGET of these fields.
template <std::size_t Count>
scanhost::command hmget(std::string_view key, const std::array<std::string_view, Count>& fields) {
  scanhost::command read("HMGET", key);
  for (const auto field : fields) read.arg(field);
  return read;
}

// An execution's core, as far as it decides about its place.
class placing_core {
 public:
  static constexpr std::array<std::string_view, 10> fields = {
      "lifecycle_phase", "eligibility_state", "ownership_state",    "lane_id",     "priority", "created_at",
      "delay_until",     "lease_expires_at",  "last_transition_at", "completed_at"};
  enum field : std::size_t {
    phase,
    eligibility,
    ownership,
    lane_id,
    priority,
    created_at,
    delay_until,
    lease_expires_at,
    last_transition_at,
    completed_at
  };

  placing_core() = default;
  explicit placing_core(const scanhost::reply& answer) : values(read_fields<fields.size()>(answer)) {}

  bool has_phase() const noexcept { return values[phase].has_value(); }
  std::string_view text(field which) const noexcept {
    return values[which] ? std::string_view(*values[which]) : std::string_view();
  }
  // A missing one is the default lane; an empty one stays empty.
  std::string_view lane() const noexcept { return values[lane_id] ? text(lane_id) : "default"; }
  // The name of the lane's index; empty: none is expected.
  std::string_view index() const noexcept;
  // For a log line.
  std::string state() const;

  field_values<fields.size()> values;
};

// A suspension, as far as it decides about a score.
struct placing_suspension {
  static constexpr std::array<std::string_view, 3> fields = {"suspension_id", "closed_at", "timeout_at"};

  field_values<fields.size()> values;
};

// The score with which an entry belongs into `core.index()`, or why there is none. `suspension` is looked at
// where the execution is suspended.
struct entry_score {
  std::string score = {};
  std::string obstacle = {};  // empty: there is a score
};
entry_score score_of(const placing_core& core, const placing_suspension& suspension, scanhost::timestamp now);

}  // namespace ff
