// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/swept_family.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "scanhost/detail/member_rules.hpp"

namespace scanhost::runner {

swept_family::swept_family(config::family description, std::uint32_t count)
    : description_(std::move(description)), listed_(description_.listed()), count_(count) {
  if (!listed_) fixed_tags_ = tags();
}

std::string swept_family::tag(std::uint32_t partition) const {
  if (listed_) return detail::tag_of_member(description_.tag_pattern, members_.member_of(partition));
  if (partition < fixed_tags_.size()) return fixed_tags_[partition];
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), partition).ptr;
  return detail::tag_of_member(description_.tag_pattern, {digits.data(), end});
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
