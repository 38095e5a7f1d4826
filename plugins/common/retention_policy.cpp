// SPDX-License-Identifier: Apache-2.0
//
// Reading the policy's JSON.
#include "common/retention_policy.hpp"

#include <nlohmann/json.hpp>

namespace ff {

std::optional<std::uint64_t> retention_of(std::string_view policy_json) {
  const auto policy = nlohmann::json::parse(policy_json, nullptr, false);
  if (!policy.is_object()) return std::nullopt;
  const auto stream = policy.find("stream_policy");
  if (stream == policy.end() || !stream->is_object()) return std::nullopt;
  const auto ttl = stream->find("retention_ttl_ms");
  if (ttl == stream->end() || !ttl->is_number_unsigned()) return std::nullopt;
  return ttl->get<std::uint64_t>();
}

}  // namespace ff
