// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace scanhost::config {

// The smallest and the largest value that a number may have; of a duration in ms.
struct bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

}  // namespace scanhost::config
