// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <algorithm>

namespace scanhost::demo {

text moment(unsigned step, std::int64_t plus) {
  text when;
  when.step = step;
  when.plus = plus;
  return when;
}

void world::set(const std::string& key, std::string field, text value) {
  keys_[key].items.insert_or_assign(std::move(field), std::move(value));
}

void world::set(const std::string& key, const fields& values) {
  for (const auto& [field, value] : values) set(key, field, value);
}

void world::clear(const std::string& key, std::initializer_list<const char*> names) {
  for (const auto* name : names) set(key, name, "");
}

void world::drop_field(const std::string& key, std::string_view field) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  auto& items = found->second.items;
  if (const auto item = items.find(field); item != items.end()) items.erase(item);
  if (items.empty()) keys_.erase(found);
}

void world::put(const std::string& key, content value) {
  keys_.erase(key);
  if (!value.items.empty()) keys_.emplace(key, std::move(value));
}

void world::put_string(const std::string& key, text value, std::int64_t ttl) {
  put(key, {data_type::string, {{"", std::move(value)}}, {}, ttl});
}

void world::put_set(const std::string& key, const std::vector<std::string>& members) {
  content set{data_type::set, {}, {}};
  for (const auto& member : members) set.items.emplace(member, "");
  put(key, std::move(set));
}

void world::put_sorted_set(const std::string& key, const fields& scores) {
  put(key, {data_type::sorted_set, {scores.begin(), scores.end()}, {}});
}

void world::append(const std::string& key, fields entry) {
  auto& stream = keys_[key];
  stream.type = data_type::stream;
  stream.entries.push_back(std::move(entry));
}

void world::enter(std::string index, std::string member, text score) {
  leave(index, member);
  index_entries_.push_back({std::move(index), std::move(member), std::move(score)});
}

void world::join(std::string index, std::string member) {
  leave(index, member);
  index_entries_.push_back({std::move(index), std::move(member), std::nullopt});
}

void world::leave(std::string_view index, std::string_view member) {
  std::erase_if(index_entries_,
                [&](const index_entry& entry) { return entry.index == index && entry.member == member; });
}

const index_entry* world::find(std::string_view index, std::string_view member) const {
  const auto found = std::ranges::find_if(index_entries_, [&](const index_entry& entry) {
    return entry.index == index && entry.member == member;
  });
  return found == index_entries_.end() ? nullptr : &*found;
}

std::string world::get(const std::string& key, std::string_view field) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return {};
  const auto item = found->second.items.find(field);
  return item == found->second.items.end() ? std::string() : item->second.exact;
}

}  // namespace scanhost::demo
