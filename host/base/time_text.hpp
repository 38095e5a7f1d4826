// SPDX-License-Identifier: Apache-2.0
//
// A moment as people and scripts read it: always in UTC, and saying so.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace scanhost::base {

// "2026-11-28T20:15:00Z"; "-" for moments before 1970 or after 9999.
std::string utc_text(timestamp at);

// Of the system's clock, which may jump: for what outlives a process.
timestamp system_now();

}  // namespace scanhost::base
