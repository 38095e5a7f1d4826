// SPDX-License-Identifier: Apache-2.0
//
// What a server says about itself in INFO. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::store {

struct server_identity {
  std::string name;     // "redis" or "valkey"; empty: not known
  std::string version;  // "8.1.1"
  bool cluster = false;
};

// From the section `server` of INFO.
server_identity identity_of(std::string_view info);

// From the section `replication` of INFO: the primary of a server that is a replica, as "10.0.0.7:6379".
// Nothing: it is a primary, or does not say.
std::optional<std::string> primary_of_replica(std::string_view info);

// An error (missing): the server is older than the functions that scanners call, as Redis 6 and its forks
// are. Newer versions than those that are known are taken, and so is a server that does not say what it is.
base::result<void> require_supported(const server_identity& server);

}  // namespace scanhost::store
