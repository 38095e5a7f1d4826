// SPDX-License-Identifier: Apache-2.0
#include "runner/record/failure_tracker.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "base/utf8.hpp"

namespace scanhost::runner {

namespace {

std::string_view tag_of(std::string_view key) noexcept { return key.substr(0, key.find('\0')); }
std::string_view item_of(std::string_view key) noexcept { return key.substr(key.find('\0') + 1); }

}  // namespace

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
    notes_.erase(item.first);
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

bool failure_tracker::add_failure(std::string_view tag, std::string_view item, std::string_view message,
                                  base::timestamp at) {
  auto& tracked = items_[key_of(tag, item)];
  write_note(message, at);
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
  notes_.erase(key_);
  items_.erase(found);
}

void failure_tracker::keep_partitions(const std::vector<std::string>& tags) {
  if (items_.empty()) return;
  const std::unordered_set<std::string_view> kept(tags.begin(), tags.end());
  std::erase_if(items_, [&](const auto& item) {
    const auto tag = tag_of(item.first);
    if (tag.empty() || kept.contains(tag)) return false;
    leave_back_off(item.second);
    notes_.erase(item.first);
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

// --- for people

// Of the item whose key was made last.
void failure_tracker::write_note(std::string_view message, base::timestamp at) {
  auto found = notes_.find(key_);
  if (found == notes_.end()) {
    if (notes_.size() >= max_notes) return;
    found = notes_.emplace(key_, note{}).first;
    found->second.since = at;
  }
  auto& written = found->second;
  ++written.times;
  written.cycle = cycle_;
  written.latest = at;
  written.message = base::utf8_prefix(message, max_message_size);
}

std::uint64_t failure_tracker::cycles_left(const std::string& key) const {
  const auto found = items_.find(key);
  return found != items_.end() && in_back_off(found->second) ? found->second.skip_until - cycle_ : 0;
}

// Whatever failed longer ago and was not tried again is most likely gone from the store.
bool failure_tracker::is_current(const notes::value_type& failing) const {
  return cycle_ - failing.second.cycle <= back_off_cycles || cycles_left(failing.first) > 0;
}

failing_item failure_tracker::describe(const notes::value_type& failing) const {
  const auto& [key, written] = failing;
  failing_item item;
  item.partition = tag_of(key);
  item.item = base::utf8_prefix(item_of(key), max_listed_size);
  item.times = written.times;
  item.since = written.since;
  item.latest = written.latest;
  item.message = written.message;
  item.cycles_left = cycles_left(key);
  return item;
}

failure_list failure_tracker::list(std::size_t max_items) const {
  std::vector<const notes::value_type*> current;
  for (const auto& failing : notes_)
    if (is_current(failing)) current.push_back(&failing);
  std::ranges::sort(current, [](const auto* left, const auto* right) {
    return std::tie(left->second.since, left->first) < std::tie(right->second.since, right->first);
  });
  failure_list list;
  list.left_out = items_.size() - notes_.size();
  for (const auto* failing : current) {
    if (list.items.size() < max_items)
      list.items.push_back(describe(*failing));
    else
      ++list.left_out;
  }
  return list;
}

failure_list failure_tracker::list_of(std::string_view item, std::size_t max_items) const {
  failure_list list;
  for (const auto& [key, tracked] : items_) {
    if (tracked.failures == 0 || item_of(key) != item) continue;
    if (list.items.size() == max_items) {
      ++list.left_out;
      continue;
    }
    const auto noted = notes_.find(key);
    if (noted != notes_.end()) {
      list.items.push_back(describe(*noted));
      continue;
    }
    note unwritten;
    unwritten.times = tracked.failures;
    list.items.push_back(describe({key, unwritten}));
  }
  std::ranges::sort(list.items, {}, &failing_item::partition);
  return list;
}

retried_items failure_tracker::retry(std::optional<std::string_view> item) {
  retried_items found;
  for (auto& [key, tracked] : items_) {
    if (item && item_of(key) != *item) continue;
    ++found.failing;
    if (!in_back_off(tracked)) continue;
    ++found.released;
    leave_back_off(tracked);
    tracked = {};
  }
  return found;
}

}  // namespace scanhost::runner
