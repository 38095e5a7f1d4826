// SPDX-License-Identifier: Apache-2.0
//
// Cancelling the siblings of groups that have fired, those of many groups in common pipelines.
#pragma once

#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "common/page_gate.hpp"
#include "common/pending_groups.hpp"
#include "common/tally.hpp"

namespace ff {

// A group, with what was read of it.
struct fired_group {
  pending_group found;
  std::string reason;         // why its siblings are cancelled
  std::string siblings;       // execution ids, joined by '|'
  scanhost::timestamp fired;  // 0: unknown

  bool acted_on = false;  // a call was made for it or for a sibling
  bool settled = true;    // none of its siblings is left to cancel
  bool drained = false;
};

// How many cancels were tried, by reason, and how many siblings were settled, by what was found.
class sibling_counters {
 public:
  explicit sibling_counters(const scanhost::services& host);

  void dispatched(std::string_view reason) const;
  void cancelled() const { cancelled_.record(1); }
  void already_terminal() const { already_terminal_.record(1); }
  void not_found() const { not_found_.record(1); }

 private:
  scanhost::metric satisfied_;
  scanhost::metric impossible_;
  scanhost::metric cancelled_;
  scanhost::metric already_terminal_;
  scanhost::metric not_found_;
};

inline constexpr std::string_view reason_satisfied = "sibling_quorum_satisfied";
inline constexpr std::string_view reason_impossible = "sibling_quorum_impossible";

// Tries every sibling of every group, each in its own partition. A sibling is settled when it was cancelled,
// when it has ended or is gone, and when its record is one that no call can ever handle. Any other failure is
// an error of this sibling, and leaves its group unsettled. All scans together handle as many siblings at a
// time as the gate admits.
scanhost::task<void> cancel_siblings(scanhost::scan_context& scan, std::vector<fired_group>& groups,
                                     page_gate& gate, const sibling_counters& counters, tally& counts);

}  // namespace ff
