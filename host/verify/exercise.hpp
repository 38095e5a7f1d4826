// SPDX-License-Identifier: Apache-2.0
//
// What a plugin did in the checks' store: whether they have seen its work.
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace scanhost::verify {

struct exercise {
  std::size_t scans = 0;  // of partitions
  std::size_t turns = 0;  // that were granted: pages
  std::size_t commands = 0;
  std::size_t acting_calls = 0;
  std::size_t processed = 0;           // candidates, as the results of the scans say
  std::size_t skipped = 0;             // the same
  bool holds_back = false;             // it asked for the mode of the host
  std::set<std::string> unknown = {};  // commands that the model of a store does not know

  // Acting calls were sent, or candidates were handled without one, as readers do; or it skipped candidates
  // and knows why: it holds effects of its own back.
  bool seen_at_work() const noexcept {
    return acting_calls > 0 || processed > 0 || (holds_back && skipped > 0);
  }
  bool operator==(const exercise&) const = default;
};

// "12 scans, 24 pages, 60 commands, 40 of them acting calls"
std::string to_text(const exercise& seen);

}  // namespace scanhost::verify
