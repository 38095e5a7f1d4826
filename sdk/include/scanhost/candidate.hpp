// SPDX-License-Identifier: Apache-2.0
//
// What an index offers to a scan, and what became of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text.hpp"

namespace scanhost::inline v1_0 {

// Whether a candidate is still in the index it was found by, as far as the scan can know.
enum class fate { unexamined, stays, left };

// An entry of a sorted set.
struct candidate {
  std::string id;
  std::string score;  // as the server wrote it
  timestamp due;      // when it came due, rounded up to a whole ms; the epoch: its score is no moment

  // The sweep's own.
  fate entry = fate::unexamined;
  bool acted_on = false;    // a call was made for it
  bool progressed = false;  // the call changed something
  bool failed = false;      // the call failed: failure tracking keeps it from hiding others
};

// A page of a sorted set.
struct page {
  std::vector<candidate> candidates;
  std::uint32_t allowance = 0;  // how many of them may be acted on
  timestamp read_at;            // the server's time before the page was read
};

// What a cursor passes by: a key, a member of a set or sorted set, a field of a hash.
struct element {
  std::string id;
  std::string value;  // of a hash the field's value, of a sorted set the score; otherwise empty

  // The sweep's own.
  fate entry = fate::unexamined;
  bool acted_on = false;
  bool progressed = false;
  bool failed = false;
};

}  // namespace scanhost::inline v1_0
