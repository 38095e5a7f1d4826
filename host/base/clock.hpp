// SPDX-License-Identifier: Apache-2.0
//
// The clocks of the host. Durations are std::chrono everywhere; plain numbers of ms occur only in the plugin
// ABI and in replies of the store.
#pragma once

#include <chrono>

namespace scanhost::base {

using milliseconds = std::chrono::milliseconds;

// For scheduling and measuring: never jumps.
using steady = std::chrono::steady_clock;
using steady_time = steady::time_point;

// A moment of a server's clock: ms since the Unix epoch.
using timestamp = std::chrono::sys_time<milliseconds>;

}  // namespace scanhost::base
