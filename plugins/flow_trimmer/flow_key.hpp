// SPDX-License-Identifier: Apache-2.0
//
// The keys of flows, as a walk over the keyspace finds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ff {

// The hashes by which flows are found: core, summary, tags and grants. Of the others a flow may have
// thousands; few of them match.
inline constexpr std::string_view flow_key_pattern = "ff:flow:{fp:*}:*:[cgst]*";

struct flow_key {
  std::string tag;   // of its partition, braces included
  std::string flow;  // its id
  std::string part;  // what follows: "core", "summary", ...

  bool is_core() const { return part == "core"; }
  // Nobody needs it once the core is gone.
  bool goes_with_the_core() const {
    return part == "summary" || part == "tags" || part.starts_with("grant:");
  }
};

// Nothing where it is not `ff:flow:{fp:N}:<canonical UUID>:<part>`.
std::optional<flow_key> parse_flow_key(std::string_view key);

}  // namespace ff
