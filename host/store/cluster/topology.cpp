// SPDX-License-Identifier: Apache-2.0
#include "store/cluster/topology.hpp"

#include <algorithm>
#include <utility>

namespace scanhost::store {

bool topology::replace(const std::vector<slot_range>& ranges) {
  auto sorted = ranges;
  std::ranges::sort(sorted, {}, &slot_range::first);
  const auto before = std::pair(std::exchange(primaries_, {}), owners_);
  owners_.fill(nobody);
  for (const auto& range : sorted) {
    const auto owner = index_of(range.primary);
    std::fill(owners_.begin() + range.first, owners_.begin() + range.last + 1, owner);
  }
  return before.first != primaries_ || before.second != owners_;
}

bool topology::move(std::uint16_t slot, const config::server_address& primary) {
  const auto owner = index_of(primary);
  return std::exchange(owners_[slot], owner) != owner;
}

std::uint16_t topology::index_of(const config::server_address& primary) {
  const auto found = std::ranges::find(primaries_, primary);
  const auto index = static_cast<std::uint16_t>(found - primaries_.begin());
  if (found == primaries_.end()) primaries_.push_back(primary);
  return index;
}

std::optional<std::size_t> topology::owner(std::uint16_t slot) const noexcept {
  const auto owner = owners_[slot];
  if (owner == nobody) return std::nullopt;
  return owner;
}

std::size_t topology::unserved() const noexcept {
  return static_cast<std::size_t>(std::ranges::count(owners_, nobody));
}

std::string topology::tag_of(std::size_t primary) const {
  const auto total = std::ranges::count(owners_, static_cast<std::uint16_t>(primary));
  auto position = total / 2;
  for (std::size_t slot = 0; slot < owners_.size(); ++slot)
    if (owners_[slot] == primary && position-- == 0) return tag_in_slot(static_cast<std::uint16_t>(slot));
  return {};
}

std::string tag_in_slot(std::uint16_t slot) {
  for (std::uint32_t number = 0;; ++number)
    if (auto tag = std::to_string(number); slot_of(tag) == slot) return "{" + tag + "}";
}

}  // namespace scanhost::store
