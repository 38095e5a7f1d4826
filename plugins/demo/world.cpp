// SPDX-License-Identifier: Apache-2.0
//
// Changing the picture of one record.
#include "world.hpp"

#include <algorithm>

namespace scanhost::demo {
namespace {

template <class Places>
auto find_place(Places& places, std::string_view index, std::string_view member) {
  return std::ranges::find_if(
      places, [&](const place& spot) { return spot.index == index && spot.member == member; });
}

}  // namespace

text moment(unsigned step, std::int64_t plus) {
  text when;
  when.step = step;
  when.plus = plus;
  return when;
}

void world::set(const std::string& key, std::string field, text content) {
  auto& whole = keys_.try_emplace(key, hash{}).first->second;
  std::get<hash>(whole).value.insert_or_assign(std::move(field), std::move(content));
}

void world::set(const std::string& key, const fields& contents) {
  for (const auto& [field, content] : contents) set(key, field, content);
}

void world::drop_field(const std::string& key, std::string_view field) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  auto& whole = std::get<hash>(found->second).value;
  if (const auto at = whole.find(field); at != whole.end()) whole.erase(at);
  if (whole.empty()) keys_.erase(found);  // as in the store: an empty hash is no key
}

void world::put(const std::string& key, value content) { keys_.insert_or_assign(key, std::move(content)); }

void world::append(const std::string& key, fields entry) {
  auto& whole = keys_.try_emplace(key, stream{}).first->second;
  std::get<stream>(whole).value.push_back(std::move(entry));
}

void world::drop(const std::string& key) { keys_.erase(key); }

void world::enter(std::string index, std::string member, text score) {
  leave(index, member);
  places_.push_back({std::move(index), std::move(member), std::move(score)});
}

void world::join(std::string index, std::string member) {
  leave(index, member);
  places_.push_back({std::move(index), std::move(member), std::nullopt});
}

void world::leave(std::string_view index, std::string_view member) {
  if (const auto found = find_place(places_, index, member); found != places_.end()) places_.erase(found);
}

std::string world::get(const std::string& key, std::string_view field) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return {};
  const auto& whole = std::get<hash>(found->second).value;
  const auto at = whole.find(field);
  return at == whole.end() ? std::string() : at->second.exact;
}

}  // namespace scanhost::demo
