// SPDX-License-Identifier: Apache-2.0
//
// Who runs on which cores. What a thread starts runs where it does.
#pragma once

#include <sched.h>

namespace scanhost::bench {

// The cores of this thread: the first, and the others, or again the first where there is only one.
struct split_cores {
  cpu_set_t first{};
  cpu_set_t others{};
};

// Throws std::runtime_error if the system does not tell them.
split_cores split_own_cores();

// This thread and what it starts from now on. Throws std::runtime_error if the system refuses.
void run_on(const cpu_set_t& cores);

}  // namespace scanhost::bench
