// SPDX-License-Identifier: Apache-2.0
//
// The summary of a flow: counts of its members by public state, and the state that follows from them
// (contract state.md 9.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ff {

class flow_summary {
 public:
  // The states that have a field `members_<state>`, in the order of their fields.
  static constexpr std::array<std::string_view, 11> states = {
      "completed", "failed",  "cancelled", "expired",      "skipped",         "active",
      "suspended", "waiting", "delayed",   "rate_limited", "waiting_children"};

  // A member; any other state, and a missing one, counts as a member without a category.
  void count(std::string_view public_state) noexcept;

  std::uint64_t counted() const noexcept { return counted_; }
  std::uint64_t of(std::size_t state) const noexcept { return counts_[state]; }

  // Every counted member has ended.
  bool all_ended() const noexcept;
  std::string_view flow_state() const noexcept;

 private:
  std::array<std::uint64_t, states.size()> counts_{};
  std::uint64_t counted_ = 0;
};

}  // namespace ff
