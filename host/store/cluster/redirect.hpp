// SPDX-License-Identifier: Apache-2.0
//
// The error replies by which a node of a cluster says that a command belongs elsewhere or has to wait. None
// of these commands was carried out. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/settings.hpp"
#include "scanhost/types.h"

namespace scanhost::store {

struct redirect {
  enum class kind {
    moved,        // the slot is served by `target` from now on
    ask,          // the slot is on its way to `target`, and this key is there already
    try_again,    // the slot is on its way, and the keys of the command are not all in one place
    cluster_down  // nobody serves the slot now
  };
  kind what = kind::moved;
  std::uint16_t slot = 0;         // moved, ask
  config::server_address target;  // moved, ask; an empty host is that of the node that said so
};

// Nothing: the text says something else, or cannot be read.
std::optional<redirect> redirect_of(std::string_view error);

// The same for a reply of any kind.
std::optional<redirect> redirect_of(const scanhost_reply* reply);

}  // namespace scanhost::store
