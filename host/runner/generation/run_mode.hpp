// SPDX-License-Identifier: Apache-2.0
//
// How a generation runs: as a service, or a number of cycles back to back; and the reports of those cycles.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "runner/record/status.hpp"

namespace scanhost::runner {

struct run_mode {
  std::optional<std::uint64_t> cycles;  // none: as a service
  base::milliseconds first_delay{0};    // of a service
};

using reports = std::vector<cycle_report>;  // one for each cycle; a service has none

}  // namespace scanhost::runner
