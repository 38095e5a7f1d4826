// SPDX-License-Identifier: Apache-2.0
//
// What a server says about itself in INFO. Pure.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::store {

struct server_identity {
  std::string name;     // "redis" or "valkey"; empty: not known
  std::string version;  // "8.1.1"
  bool cluster = false;
};

// From the section `server` of INFO.
server_identity identity_of(std::string_view info);

}  // namespace scanhost::store
