// SPDX-License-Identifier: Apache-2.0
//
// Writing records into the store.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "store.hpp"
#include "workload.hpp"

namespace scanhost::demo {

// The commands that write a record.
void commands_for(const world& w, std::vector<command>& commands);

// What the host and the engine's other parts find in every deployment: the partition counts.
std::vector<command> common_commands();

// Writes the records that come due in the run, or all others; `go_on` is asked between batches, false
// ends it early. The number of records written. Throws problem.
std::size_t seed(store& to, const std::vector<std::unique_ptr<workload>>& workloads, bool in_the_run,
                 const std::function<bool()>& go_on);

}  // namespace scanhost::demo
