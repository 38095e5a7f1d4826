// SPDX-License-Identifier: Apache-2.0
//
// Writing records into the store, some thousand commands at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "store.hpp"
#include "workload.hpp"

namespace scanhost::demo {

// The commands that write a record.
void commands_for(const world& w, std::vector<command>& commands);

// What every deployment has: the partition counts.
std::vector<command> common_commands();

// Writes the records that come due in the run, or all others, until the user interrupts, and returns how many
// it wrote. Throws problem.
std::size_t seed(store& to, const workloads& loads, bool in_run);

}  // namespace scanhost::demo
