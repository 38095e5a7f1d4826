// SPDX-License-Identifier: Apache-2.0
//
// The family of partitions that a scanner sweeps.
#pragma once

#include <cstdint>
#include <string>

namespace scanhost::runner {

struct swept_family {
  std::string name;
  std::string tag_pattern;  // empty: no tags
  std::uint32_t count = 1;

  std::string tag(std::uint32_t partition) const;
};

}  // namespace scanhost::runner
