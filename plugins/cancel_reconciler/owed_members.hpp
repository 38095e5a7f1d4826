// SPDX-License-Identifier: Apache-2.0
//
// Cancelling the members that flows still owe: read, cancel and acknowledge many of them in three pipelines.
#pragma once

#include <optional>
#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

#include "common/page_gate.hpp"
#include "common/tally.hpp"

namespace ff {

// A cancelled flow of the scan's partition.
struct owing_flow {
  std::string member;           // as it stands in the backlog
  std::string pending_cancels;  // key of what it owes
  std::string reason;
  scanhost::timestamp due;

  bool called = false;      // a call was made for one of its members
  bool progressed = false;  // one of its members was acknowledged
  bool still_owes = false;  // a member of the sample was not acknowledged
};

struct owed_member {
  owing_flow* flow;
  std::string id;
  std::string tag;  // of the member's own partition
  std::optional<scanhost::command> cancel = {};
  bool settled = false;
};

// Cancels each member in its own partition and acknowledges those that are settled: cancelled, not active
// any more, or of records that no call can ever handle. All others stay owed, as errors.
// What the gate finds too old stays owed as well.
scanhost::task<void> cancel_owed_members(scanhost::scan_context& scan, std::vector<owed_member> members,
                                         page_gate& gate, tally& counts);

}  // namespace ff
