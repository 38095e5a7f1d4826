// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/acted_items.hpp"

#include <algorithm>
#include <functional>

namespace scanhost::runner {

namespace {

// So that the memory of a scan that acts on one item again and again stays small.
constexpr std::size_t max_growth = 1024;

}  // namespace

void acted_items::allow(std::uint32_t candidates) {
  settle();
  asked_ = true;
  allowed_ += candidates;
}

void acted_items::add(std::string_view item, std::uint32_t count) {
  unnamed_ += item.empty() ? count : count - 1;
  if (item.empty()) return;
  named_.push_back(std::hash<std::string_view>()(item));
  if (named_.size() >= 2 * repetitions_removed_at_ + max_growth) remove_repetitions();
}

std::uint64_t acted_items::beyond_allowance() {
  settle();
  return asked_ ? beyond_ : 0;
}

void acted_items::settle() {
  if (named_.empty() && unnamed_ == 0) return;
  remove_repetitions();
  const auto items = named_.size() + unnamed_;
  beyond_ += items - std::min<std::uint64_t>(items, allowed_);
  allowed_ -= std::min<std::uint64_t>(items, allowed_);
  named_.clear();
  unnamed_ = 0;
  repetitions_removed_at_ = 0;
}

void acted_items::remove_repetitions() {
  if (named_.empty()) return;
  std::ranges::sort(named_);
  named_.erase(std::unique(named_.begin(), named_.end()), named_.end());
  repetitions_removed_at_ = named_.size();
}

void acted_items::reset() noexcept {
  named_.clear();
  asked_ = false;
  unnamed_ = allowed_ = beyond_ = 0;
  repetitions_removed_at_ = 0;
}

}  // namespace scanhost::runner
