// SPDX-License-Identifier: Apache-2.0
//
// Names of keys, deliberately not shared with the scanners (plugins/common/keys.hpp): a name that is wrong
// there must not look right here.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost::demo {

// "a:b:c"; an empty part is left out.
std::string key_of(std::string_view first, const std::convertible_to<std::string_view> auto&... parts) {
  std::string key(first);
  const auto add = [&key](std::string_view part) {
    if (!part.empty()) key.append(":").append(part);
  };
  (add(parts), ...);
  return key;
}

inline std::string flow_tag(std::int64_t partition) { return "{fp:" + std::to_string(partition) + "}"; }
inline std::string budget_tag(std::int64_t partition) { return "{b:" + std::to_string(partition) + "}"; }
inline std::string quota_tag(std::int64_t partition) { return "{q:" + std::to_string(partition) + "}"; }

inline std::string budget_key(std::string_view tag, std::string_view id, std::string_view part = {}) {
  return key_of("ff:budget", tag, id, part);
}
inline std::string quota_key(std::string_view tag, std::string_view id, std::string_view part = {}) {
  return key_of("ff:quota", tag, id, part);
}
inline std::string index_key(std::string_view tag, std::string_view name) {
  return key_of("ff:idx", tag, name);
}

}  // namespace scanhost::demo
