// SPDX-License-Identifier: Apache-2.0
//
// What an index offers to a scan, and what became of it.
#pragma once

#include <cstdint>
#include <scanhost/text.hpp>
#include <string>
#include <vector>

namespace ff {

// Whether the entry is still in the index it was found by, as far as the scan can know.
enum class fate { unexamined, stays, left };

struct candidate {
  std::string id;
  std::string score;        // as the server wrote it
  scanhost::timestamp due;  // when it came due, rounded up; 0: its score is no due time
  fate entry = fate::unexamined;
  bool acted_on = false;    // a call was made for it
  bool progressed = false;  // the call changed something
  bool failed = false;      // the call failed: failure tracking keeps it from hiding others
};

struct page {
  std::vector<candidate> candidates;
  std::uint32_t allowance = 0;  // how many of them may be acted on
  scanhost::timestamp read_at;  // the server's time before the page was read
};

}  // namespace ff
