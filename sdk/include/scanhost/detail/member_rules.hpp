// SPDX-License-Identifier: Apache-2.0
//
// What may be a member of a listed family, for the hosts that look members up: the running one, the reader of
// its configuration, and the fake one. The rules are those of ext/members.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace scanhost::inline v1_0::detail {

inline constexpr std::size_t max_members = 65'535;
inline constexpr std::size_t max_member_size = 512;  // bytes

// What is wrong with it, to follow "the member ..."; empty: nothing.
constexpr std::string_view reason_to_refuse_member(std::string_view member) noexcept {
  if (member.empty()) return "is empty";
  if (member.size() > max_member_size) return "has more than 512 bytes";
  if (member.find_first_of("{}") != std::string_view::npos) return "has a brace";
  if (member.find('\0') != std::string_view::npos) return "has a NUL byte";
  return {};
}

// In their order, each once.
inline std::vector<std::string> without_repetitions(std::vector<std::string> members) {
  std::unordered_set<std::string> seen;
  std::erase_if(members, [&](const std::string& member) { return !seen.insert(member).second; });
  return members;
}

// The hash tag of a member: the pattern with the member in place of its `*`. A pattern without one is a tag.
inline std::string tag_of_member(std::string_view pattern, std::string_view member) {
  std::string tag(pattern);
  if (const auto star = pattern.find('*'); star != std::string_view::npos) tag.replace(star, 1, member);
  return tag;
}

}  // namespace scanhost::inline v1_0::detail
