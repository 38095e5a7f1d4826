// SPDX-License-Identifier: Apache-2.0
//
// How long a command that runs scanners waits for them to stop.
#pragma once

#include "base/clock.hpp"

namespace scanhost::runner {

inline constexpr base::milliseconds max_stop{15'000};       // from the signal to the end of the process
inline constexpr base::milliseconds stop_patience{13'000};  // for the end of all scanners
inline constexpr base::milliseconds stop_grace{1'000};      // after they were cancelled
inline constexpr base::milliseconds tick_period{1'000};     // between calls of scanner::tick

}  // namespace scanhost::runner
