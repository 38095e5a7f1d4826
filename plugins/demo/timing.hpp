// SPDX-License-Identifier: Apache-2.0
//
// When things come due: spread over the run, before it, or long after it.
#pragma once

#include <chrono>
#include <cstdint>

#include "dice.hpp"

namespace scanhost::demo {

// Times of the store's clock, ms.
struct timing {
  std::int64_t now = 0;    // when the records are planned
  std::int64_t start = 0;  // the run begins: the host is ready
  std::int64_t end = 0;    // the run ends

  // Nothing comes due in the last moments, so that at the end it is clear what must have happened.
  static constexpr std::int64_t quiet = 3000;

  std::int64_t last_due() const noexcept { return end - quiet > start ? end - quiet : start; }

  std::int64_t in_the_run(dice& chance) const noexcept { return chance.between(start, last_due()); }
  // Work that waited: already due when the host comes up.
  std::int64_t overdue(dice& chance) const noexcept { return now - chance.between(100, 60'000); }
  // Not within this run, however late it ends; the longest run is shorter.
  static constexpr std::int64_t max_runtime = 4 * 3'600'000;
  std::int64_t later(dice& chance) const noexcept {
    return now + max_runtime + chance.between(3'600'000, 12 * 3'600'000);
  }
};

}  // namespace scanhost::demo
