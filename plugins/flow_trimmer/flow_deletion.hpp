// SPDX-License-Identifier: Apache-2.0
//
// What follows once it is decided that a flow is old enough: looking whether all its members are purged, and
// deleting all that belongs to it, or telling what would be deleted.
#pragma once

#include <cstdint>
#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "flow_trimmer/flow_writes.hpp"

namespace ff {

// A flow that is old enough.
struct old_flow {
  trimmed_flow flow;
  bool may_be_empty = false;  // it may go though its set of members is empty
};

// Deletes those of the flows whose members are all purged, or, with `preview`, logs what would be deleted.
// Yields how many were acted on.
scanhost::task<std::uint32_t> delete_flows(scanhost::scan_context& scan, std::vector<old_flow> flows,
                                           bool preview, tally& counts);

}  // namespace ff
