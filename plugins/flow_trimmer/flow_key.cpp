// SPDX-License-Identifier: Apache-2.0
#include "flow_trimmer/flow_key.hpp"

#include "common/ids.hpp"
#include "common/keys.hpp"

namespace ff {

std::optional<flow_key> parse_flow_key(std::string_view key) {
  constexpr std::string_view prefix = "ff:flow:";
  constexpr std::size_t uuid_size = 36;
  if (!key.starts_with(prefix)) return std::nullopt;
  const auto rest = key.substr(prefix.size());
  const auto brace = rest.find("}:");
  if (brace == std::string_view::npos) return std::nullopt;
  const auto tag = rest.substr(0, brace + 1), behind = rest.substr(brace + 2);
  const auto id = behind.substr(0, uuid_size);
  if (behind.size() <= uuid_size || behind[uuid_size] != ':') return std::nullopt;
  const auto partition = execution_partition(joined(tag, ":", id));
  if (!partition || tag != flow_tag(*partition) || id != canonical_or_as_found(id)) return std::nullopt;
  return flow_key{std::string(tag), std::string(id), std::string(behind.substr(uuid_size + 1))};
}

}  // namespace ff
