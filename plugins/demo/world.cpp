// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

namespace scanhost::demo {

text moment(unsigned step, std::int64_t plus) {
  text when;
  when.step = step;
  when.plus = plus;
  return when;
}

void world::set(const std::string& key, std::string field, text value) {
  contents_[{key, {}}].items.insert_or_assign(std::move(field), std::move(value));
}

void world::set(const std::string& key, const fields& values) {
  for (const auto& [field, value] : values) set(key, field, value);
}

void world::set_each(const std::string& key, const text& value, std::initializer_list<const char*> names) {
  for (const auto* name : names) set(key, name, value);
}

void world::drop_field(const std::string& key, std::string_view field) {
  const auto found = contents_.find({key, {}});
  if (found == contents_.end()) return;
  auto& items = found->second.items;
  if (const auto item = items.find(field); item != items.end()) items.erase(item);
  if (items.empty()) contents_.erase(found);
}

void world::put(location at, content value) {
  contents_.erase(at);
  if (!value.items.empty()) contents_.emplace(std::move(at), std::move(value));
}

void world::put_string(const std::string& key, text value, std::int64_t ttl) {
  put({key, {}}, {data_type::string, {{"", std::move(value)}}, {}, ttl});
}

void world::put_set(const std::string& key, const std::vector<std::string>& members) {
  content set{data_type::set, {}, {}};
  for (const auto& member : members) set.items.emplace(member, "");
  put({key, {}}, std::move(set));
}

void world::put_sorted_set(const std::string& key, const fields& scores) {
  put({key, {}}, {data_type::sorted_set, {scores.begin(), scores.end()}, {}});
}

void world::append(const std::string& key, fields entry) {
  auto& stream = contents_[{key, {}}];
  stream.type = data_type::stream;
  stream.entries.push_back(std::move(entry));
}

void world::enter(const std::string& index, const std::string& member, text score) {
  put({index, member}, {data_type::sorted_set, {{member, std::move(score)}}, {}});
}

void world::join(const std::string& index, const std::string& member) {
  put({index, member}, {data_type::set, {{member, ""}}, {}});
}

std::string world::get(const std::string& key, std::string_view field) const {
  const auto found = contents_.find({key, {}});
  if (found == contents_.end()) return {};
  const auto item = found->second.items.find(field);
  return item == found->second.items.end() ? std::string() : item->second.exact;
}

}  // namespace scanhost::demo
