// SPDX-License-Identifier: Apache-2.0
#include "retention_trimmer/retention_policy.hpp"

#include <nlohmann/json.hpp>

namespace ff {
namespace {

// The parser takes a zero byte for the end of the text, and passes over a byte order mark. Neither belongs in
// a JSON document.
bool has_foreign_bytes(std::string_view text) {
  return text.find('\0') != std::string_view::npos || text.starts_with("\xef\xbb\xbf");
}

}  // namespace

std::optional<std::uint64_t> retention_of(std::string_view policy_json) {
  if (has_foreign_bytes(policy_json)) return std::nullopt;
  const auto policy = nlohmann::json::parse(policy_json, nullptr, false);
  if (!policy.is_object()) return std::nullopt;
  const auto stream = policy.find("stream_policy");
  if (stream == policy.end() || !stream->is_object()) return std::nullopt;
  const auto ttl = stream->find("retention_ttl_ms");
  if (ttl == stream->end() || !ttl->is_number_unsigned()) return std::nullopt;
  return ttl->get<std::uint64_t>();
}

}  // namespace ff
