// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/listed_members.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace scanhost::runner {

bool listed_members::same(const std::vector<std::string>& members) const {
  return std::ranges::equal(members, order_, [this](const std::string& member, std::uint32_t partition) {
    return slots_[partition].member == member;
  });
}

std::vector<std::uint32_t> listed_members::replace(const std::vector<std::string>& members) {
  if (same(members)) return {};
  auto gone = remove_others(members);
  order_.clear();
  for (const auto& member : members) {
    const auto partition = partition_for(member);
    slots_[partition].index = count();
    order_.push_back(partition);
  }
  return gone;
}

std::vector<std::uint32_t> listed_members::remove_others(const std::vector<std::string>& members) {
  const std::unordered_set<std::string_view> kept(members.begin(), members.end());
  std::vector<std::uint32_t> gone;
  for (const auto partition : order_) {
    const auto& member = slots_[partition].member;
    if (kept.contains(member)) continue;
    gone.push_back(partition);
    partitions_.erase(member);
  }
  free_.insert(free_.end(), gone.begin(), gone.end());
  return gone;
}

std::uint32_t listed_members::partition_for(const std::string& member) {
  const auto [known, added] = partitions_.try_emplace(member, 0);
  if (!added) return known->second;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto partition = free_.back();
  free_.pop_back();
  slots_[partition].member = member;
  return known->second = partition;
}

}  // namespace scanhost::runner
