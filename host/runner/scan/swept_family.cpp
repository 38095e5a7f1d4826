// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/swept_family.hpp"

#include <utility>

#include "scanhost/detail/member_rules.hpp"

namespace scanhost::runner {

swept_family::swept_family(config::family description, std::uint32_t count)
    : description_(std::move(description)), listed_(description_.listed()), count_(0) {
  if (!listed_) set_count(count);
}

void swept_family::set_count(std::uint32_t count) {
  count_ = count;
  for (auto partition = tags_.size(); partition < count; ++partition)
    tags_.push_back(detail::tag_of_member(description_.tag_pattern, std::to_string(partition)));
}

void swept_family::set_nodes(std::vector<std::string> routes) {
  routes_ = std::move(routes);
  set_count(static_cast<std::uint32_t>(routes_.size()));
}

std::vector<std::uint32_t> swept_family::replace_members(const std::vector<std::string>& members) {
  auto gone = members_.replace(members);
  for (std::uint32_t index = 0; index < members_.count(); ++index) {
    const auto partition = members_.partition_at(index);
    if (partition >= tags_.size()) tags_.resize(std::size_t{partition} + 1);
    tags_[partition] = detail::tag_of_member(description_.tag_pattern, members_.member_of(partition));
  }
  return gone;
}

std::vector<std::string> swept_family::tags() const {
  std::vector<std::string> tags;
  tags.reserve(count());
  for (std::uint32_t index = 0; index < count(); ++index) tags.push_back(tag(partition_at(index)));
  return tags;
}

std::string_view swept_family::member_in(std::string_view tag) const noexcept {
  if (!listed_) return {};
  const std::string_view pattern = description_.tag_pattern;
  return tag.substr(pattern.find('*'), tag.size() - (pattern.size() - 1));
}

}  // namespace scanhost::runner
