// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/swept_family.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "scanhost/detail/member_rules.hpp"

namespace scanhost::runner {

namespace {

struct placed_nodes {
  std::vector<family_node> nodes;
  std::vector<std::uint32_t> changed;  // places of `before` whose node is another or gone
};

std::size_t place_of(const std::string& name, const std::vector<std::string>& names) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

placed_nodes keep_places(const std::vector<std::string>& before, std::vector<family_node> nodes) {
  const auto places = std::min(before.size(), nodes.size());
  std::vector<std::optional<family_node>> kept(nodes.size());
  std::vector<family_node> newcomers;
  for (auto& node : nodes) {
    const auto place = place_of(node.name, before);
    if (place < places)
      kept[place] = std::move(node);
    else
      newcomers.push_back(std::move(node));
  }
  placed_nodes placed;
  auto newcomer = newcomers.begin();
  for (auto& node : kept) placed.nodes.push_back(node ? std::move(*node) : std::move(*newcomer++));
  for (std::uint32_t place = 0; place < before.size(); ++place)
    if (place >= places || placed.nodes[place].name != before[place]) placed.changed.push_back(place);
  return placed;
}

}  // namespace

swept_family::swept_family(config::family description, std::uint32_t count)
    : description_(std::move(description)), listed_(description_.listed()), count_(0) {
  if (!listed_) set_count(count);
}

void swept_family::set_count(std::uint32_t count) {
  count_ = count;
  for (auto partition = tags_.size(); partition < count; ++partition)
    tags_.push_back(detail::tag_of_member(description_.tag_pattern, std::to_string(partition)));
}

std::vector<std::uint32_t> swept_family::replace_nodes(std::vector<family_node> nodes) {
  const auto placed = keep_places(std::exchange(node_names_, {}), std::move(nodes));
  routes_.clear();
  for (const auto& node : placed.nodes) {
    node_names_.push_back(node.name);
    routes_.push_back(node.route);
  }
  set_count(static_cast<std::uint32_t>(placed.nodes.size()));
  return placed.changed;
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
