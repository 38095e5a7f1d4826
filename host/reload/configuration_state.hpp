// SPDX-License-Identifier: Apache-2.0
//
// What became of the configuration when the host last read it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace scanhost::reload {

struct configuration_state {
  base::timestamp accepted{};  // when the configuration in force was read
  // When a newer one was refused; none: the one in force was the last that was read.
  std::optional<base::timestamp> refused;
  std::string reason;  // why, any number of lines; may repeat values of the file
  // The keys of the one that was accepted that differ from those of the start, and that only a start applies.
  std::vector<std::string> needs_restart = {};
};

}  // namespace scanhost::reload
