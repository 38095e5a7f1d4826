// SPDX-License-Identifier: Apache-2.0
//
// Drives a pass over one index: asks for turns, reads pages, hands them over, keeps the place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <scanhost/scanner.hpp>
#include <string>

#include "common/candidate.hpp"
#include "common/index_walk.hpp"
#include "common/page_gate.hpp"
#include "common/tally.hpp"

namespace ff {

// Handles one page: sets `entry` (and what follows from it) of each candidate that it examined, in order;
// those it leaves `unexamined` at the end of the page are offered again. At most `allowance` of them are
// acted on. Whether one was already acted on in this pass, the walk knows. The gate, through which the page
// has come, says whether it is too old to be acted on; then all of it is left.
class page_handler {
 public:
  virtual ~page_handler() = default;
  virtual scanhost::task<void> handle(scanhost::scan_context& scan, page& offered, const index_walk& walk,
                                      page_gate& gate, tally& counts) = 0;
};

// What the scans of a scanner share: the memories of the indexes of all partitions, and the gate for their
// pages. References stay valid.
class index_memories {
 public:
  index_memory& of(std::size_t partition, std::size_t index = 0) {
    if (partition >= memories_.size()) memories_.resize(partition + 1);
    auto& indexes = memories_[partition];
    if (index >= indexes.size()) indexes.resize(index + 1);
    return indexes[index];
  }
  page_gate& gate() noexcept { return gate_; }

 private:
  static constexpr std::size_t candidates_at_once = 2000;

  std::deque<std::deque<index_memory>> memories_;  // by partition, by index
  page_gate gate_{candidates_at_once};
};

// A pass of a scan over one of its indexes, and what the host does not know of it yet.
struct pass_state {
  std::uint32_t number = 0;    // of the pass and of the index
  std::uint32_t acted_on = 0;  // candidates, since the last turn
};

enum class sweep_end {
  done,     // everything was offered
  stopped,  // the host granted no further page, or ended the scan
  failed    // a query failed: counted as an error
};

// One walk over an index. Several of them may make one pass, one after the other.
scanhost::task<sweep_end> sweep_index(scanhost::scan_context& scan, pass_state& pass, std::string key,
                                      due_rule rule, index_memories& memories, page_handler& handler,
                                      tally& counts);

}  // namespace ff
