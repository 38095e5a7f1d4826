// SPDX-License-Identifier: Apache-2.0
//
// How long the control thread waits for scanners, as a service and in runs of so many cycles.
#pragma once

#include "base/clock.hpp"

namespace scanhost::boot {

inline constexpr base::milliseconds stop_patience{15'000};  // for scanners to end by themselves
inline constexpr base::milliseconds stop_grace{1'000};      // then for those that were cancelled
inline constexpr base::milliseconds tick_period{1'000};     // between two looks at each scanner

}  // namespace scanhost::boot
