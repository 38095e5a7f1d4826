// SPDX-License-Identifier: Apache-2.0
//
// CLUSTER SHARDS and CLUSTER SLOTS as plain values: which primary serves which slots. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "scanhost/types.h"

namespace scanhost::store {

struct slot_range {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  config::server_address primary;
  bool operator==(const slot_range&) const = default;
};

// `asked`: the host that gave the reply, for nodes that do not say where they are. `tls`: the ports are those
// for TLS. An error (data): it is no such reply.
base::result<std::vector<slot_range>> ranges_of_shards(const scanhost_reply& reply, const std::string& asked,
                                                       bool tls);

// Servers before Redis 7 know only this. The ports are those for the kind of connection that asked.
base::result<std::vector<slot_range>> ranges_of_slots(const scanhost_reply& reply, const std::string& asked);

}  // namespace scanhost::store
