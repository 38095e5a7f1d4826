// SPDX-License-Identifier: Apache-2.0
//
// The moment at which the tests of pure objects begin.
#pragma once

#include "base/clock.hpp"

namespace scanhost::runner {

inline const base::steady_time t0 = base::steady_time(std::chrono::seconds(1000));

}  // namespace scanhost::runner
