// SPDX-License-Identifier: Apache-2.0
#include "runner/record/failure_tracker.hpp"

#include <unordered_set>

namespace scanhost::runner {

// A tag has no NUL byte, so that no two pairs have the same key.
const std::string& failure_tracker::key_of(std::string_view tag, std::string_view item) {
  key_.assign(tag).append(1, '\0').append(item);
  return key_;
}

bool failure_tracker::in_back_off(const entry& tracked) const noexcept {
  return tracked.failures >= threshold && tracked.skip_until > cycle_;
}

void failure_tracker::advance() {
  ++cycle_;
  if (cycle_ % clean_up_period != 0 || items_.size() <= clean_up_size) return;
  std::erase_if(items_, [this](const auto& item) {
    if (in_back_off(item.second)) return false;
    leave_back_off(item.second);
    return true;
  });
}

bool failure_tracker::should_skip(std::string_view tag, std::string_view item) {
  if (items_.empty()) return false;
  const auto found = items_.find(key_of(tag, item));
  if (found == items_.end() || found->second.failures < threshold) return false;
  if (found->second.skip_until > cycle_) return true;
  leave_back_off(found->second);
  found->second = {};
  return false;
}

bool failure_tracker::add_failure(std::string_view tag, std::string_view item) {
  auto& tracked = items_[key_of(tag, item)];
  if (++tracked.failures != threshold) return false;
  tracked.skip_until = cycle_ + back_off_cycles;
  ++ends_[tracked.skip_until];
  return true;
}

void failure_tracker::add_success(std::string_view tag, std::string_view item) {
  if (items_.empty()) return;
  const auto found = items_.find(key_of(tag, item));
  if (found == items_.end()) return;
  leave_back_off(found->second);
  items_.erase(found);
}

void failure_tracker::keep_partitions(const std::vector<std::string>& tags) {
  if (items_.empty()) return;
  const std::unordered_set<std::string_view> kept(tags.begin(), tags.end());
  std::erase_if(items_, [&](const auto& item) {
    const auto tag = std::string_view(item.first).substr(0, item.first.find('\0'));
    if (tag.empty() || kept.contains(tag)) return false;
    leave_back_off(item.second);
    return true;
  });
}

std::uint64_t failure_tracker::in_back_off() const noexcept {
  std::uint64_t sum = 0;
  for (auto end = ends_.upper_bound(cycle_); end != ends_.end(); ++end) sum += end->second;
  return sum;
}

void failure_tracker::leave_back_off(const entry& tracked) {
  if (tracked.skip_until == 0) return;
  const auto end = ends_.find(tracked.skip_until);
  if (end != ends_.end() && --end->second == 0) ends_.erase(end);
}

}  // namespace scanhost::runner
