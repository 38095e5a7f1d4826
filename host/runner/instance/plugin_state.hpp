// SPDX-License-Identifier: Apache-2.0
//
// The state that an instance exports for the instance of the next generation, in a format of the plugin's
// own.
#pragma once

#include <cstdint>
#include <string>

namespace scanhost::runner {

struct plugin_state {
  std::uint32_t version = 0;
  std::string bytes;
};

}  // namespace scanhost::runner
