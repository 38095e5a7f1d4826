// SPDX-License-Identifier: Apache-2.0
//
// The retention that an execution's policy asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ff {

// `stream_policy.retention_ttl_ms` of the policy's JSON, where it is an unsigned integer; nothing for every
// other text, JSON or not.
std::optional<std::uint64_t> retention_of(std::string_view policy_json);

// Whether now is before `completed_at` + `retention`, all in ms; a sum that does not fit lies beyond all
// times.
constexpr bool is_retained(std::uint64_t now, std::uint64_t completed_at, std::uint64_t retention) noexcept {
  return completed_at > now || now - completed_at < retention;
}

}  // namespace ff
