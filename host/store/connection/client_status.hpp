// SPDX-License-Identifier: Apache-2.0
//
// The state of a scanner's connections to the store, as the status page shows it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "store/protocol/states.hpp"

namespace scanhost::store {

enum class connection_state { connecting, up, down, stopped };

// The limit that holds for the commands of a scanner, the lower of its own and the host's.
struct rate_status {
  double commands_per_s = 0;
  std::optional<std::chrono::microseconds> target_latency;  // none: the limit is a fixed number
  std::optional<std::chrono::microseconds> latency;  // of the store, measured; none: not lately, or no target
  std::uint64_t waiting = 0;                         // commands, now
  base::milliseconds waited{0};                      // in which batches waited, since the generation began
};

// A server took no connection, and said why.
struct connection_refusal {
  store::state state = store::state::serving;
  std::string text;  // its own words
};

struct client_status {
  connection_state state = connection_state::connecting;
  std::string endpoint;    // without secrets
  std::string last_error;  // empty: none since the last success
  std::optional<connection_refusal> refusal =
      std::nullopt;  // of the last attempt to connect; none: it was no refusal
  std::uint64_t reconnects = 0;
  std::uint64_t in_flight = 0;  // commands
  // In a cluster: the nodes that cannot be reached, and slots that no node serves, for people.
  std::vector<std::string> unreachable;
  std::optional<rate_status> rate = std::nullopt;  // none: nothing limits its commands
};

}  // namespace scanhost::store
