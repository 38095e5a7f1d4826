// SPDX-License-Identifier: Apache-2.0
//
// Putting entries of the indexes right, in writes that are guarded by what was read; only so many in a cycle.
#pragma once

#include <cstdint>
#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

#include "common/tally.hpp"
#include "index_reconciler/placing.hpp"

namespace ff {

// An execution that is listed in `all_executions` and does not fit: it is missing from the index of its
// state, or has no record at all.
struct misplaced {
  std::string id;
  placing_core core = {};  // as read; without a phase: there is no record
  std::string what = {};   // for a log line
};

class index_repair {
 public:
  // `each_cycle`: how many repairs may be tried in one cycle of the scanner.
  index_repair(scanhost::services host, std::uint64_t each_cycle);

  void begin_cycle() noexcept;

  // Puts each right, as many as the turns of pass 0 allow, and counts it as processed. What cannot be put
  // right, or not now, is reported alone; what changed meanwhile is left alone, and not counted.
  scanhost::task<void> repair(scanhost::scan_context& scan, std::vector<misplaced> found, tally& counts);

 private:
  struct planned;

  scanhost::task<std::vector<planned>> plan(scanhost::scan_context& scan, std::vector<misplaced> found,
                                            tally& counts);
  scanhost::task<void> write(scanhost::scan_context& scan, const std::vector<const planned*>& chosen,
                             tally& counts) const;
  bool may_repair(const planned& planned_repair, tally& counts);
  void report(const planned& planned_repair, std::string_view why, tally& counts) const;
  void note(const planned& planned_repair, const scanhost::outcome& write, tally& counts) const;

  scanhost::services host_;
  std::uint64_t each_cycle_;
  std::uint64_t left_;
  bool told_limit_ = false;  // in this cycle
};

}  // namespace ff
