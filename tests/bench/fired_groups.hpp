// SPDX-License-Identifier: Apache-2.0
//
// Groups of edges that have fired, with their siblings: work for the scanners of `pending_cancel_groups`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/command_stream.hpp"

namespace scanhost::bench {

enum class siblings {
  running,  // seven of eight can be cancelled, in the states that an execution has before its end
  ended     // all were cancelled, but the group was not drained
};

// Adds the commands that write groups with about so many siblings in all, spread over all partitions.
void add_fired_groups(siblings state, std::size_t executions, std::int64_t now_ms,
                      std::vector<command>& commands);

}  // namespace scanhost::bench
