// SPDX-License-Identifier: Apache-2.0
//
// The state of a scanner's connections to the store, as the status page shows it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace scanhost::store {

enum class connection_state { connecting, up, down, stopped };

struct client_status {
  connection_state state = connection_state::connecting;
  std::string endpoint;    // without secrets
  std::string last_error;  // empty: none since the last success
  std::uint64_t reconnects = 0;
  std::uint64_t in_flight = 0;  // commands
  // In a cluster: the nodes that cannot be reached, and slots that no node serves, for people.
  std::vector<std::string> unreachable;
};

}  // namespace scanhost::store
