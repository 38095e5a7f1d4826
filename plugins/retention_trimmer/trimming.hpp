// SPDX-License-Identifier: Apache-2.0
//
// What follows once it is decided that an execution goes: reading what hangs on it, and deleting all of it,
// or telling what would be deleted.
#pragma once

#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/candidate.hpp"
#include "common/tally.hpp"
#include "retention_trimmer/purge.hpp"

namespace ff {

// What goes of a candidate: its stale entry; all of it; or all that is left of it, where its core is gone.
enum class extent { entry, execution, leftovers };

// A candidate that is to be deleted, in the order of the page.
struct trimmed {
  candidate* of;
  purged_execution execution;
  extent what;
  std::vector<std::string> keys = {};
  std::vector<scanhost::command> writes = {};
};

// Reads what hangs on the executions, and drops from the list those of which something cannot be read: what
// their index keys name could never be found again.
scanhost::task<void> prepare_trimming(scanhost::scan_context& scan, std::vector<trimmed>& chosen,
                                      tally& counts);

// The writes of one execution go one after the other: the next one only when the last one was done, so that
// its core and its entry outlive everything that is found through them.
scanhost::task<void> trim(scanhost::scan_context& scan, std::vector<trimmed> chosen, tally& counts);

// Logs what trim() would delete, with keys and bytes.
scanhost::task<void> preview_trimming(scanhost::scan_context& scan, std::vector<trimmed> chosen,
                                      tally& counts);

// Counts a read or write that failed, and keeps the candidate waiting. False: the host ends the scan.
bool trimming_failed(const candidate& candidate, std::string_view what, const scanhost::outcome& outcome,
                     tally& counts);

}  // namespace ff
