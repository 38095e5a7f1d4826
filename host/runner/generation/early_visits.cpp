// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/early_visits.hpp"

#include <algorithm>

namespace scanhost::runner {

early_visits::partition_state& early_visits::state_of(std::uint32_t partition) {
  if (partition >= states_.size()) states_.resize(std::size_t{partition} + 1);
  return states_[partition];
}

void early_visits::know(std::uint32_t partition, base::steady_time due) {
  forget(partition);
  auto& state = state_of(partition);
  auto when = due + clock_margin;
  if (state.last_visit) when = std::max(when, *state.last_visit + partition_gap);
  state.planned = when;
  plan_.emplace(when, partition);
}

void early_visits::forget(std::uint32_t partition) {
  auto& state = state_of(partition);
  if (!state.planned) return;
  plan_.erase({*state.planned, partition});
  state.planned.reset();
}

void early_visits::remove(std::uint32_t partition) {
  forget(partition);
  state_of(partition).last_visit.reset();
}

void early_visits::clear() {
  plan_.clear();
  for (auto& state : states_) state.planned.reset();
}

std::optional<base::steady_time> early_visits::next_departure() const {
  if (plan_.empty()) return std::nullopt;
  const auto first = plan_.begin()->first;
  return last_departure_ ? std::max(first, *last_departure_ + departure_gap) : first;
}

std::vector<std::uint32_t> early_visits::take(base::steady_time now) {
  std::vector<std::uint32_t> leaving;
  const auto departure = next_departure();
  if (!departure || *departure > now) return leaving;
  while (!plan_.empty() && plan_.begin()->first <= now) {
    const auto partition = plan_.begin()->second;
    plan_.erase(plan_.begin());
    states_[partition].planned.reset();
    states_[partition].last_visit = now;
    leaving.push_back(partition);
  }
  last_departure_ = now;
  return leaving;
}

}  // namespace scanhost::runner
