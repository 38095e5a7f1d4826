// SPDX-License-Identifier: Apache-2.0
//
// A walk over a set that is seen whole in every cycle, as the engine's scanners see it: each of its pages is
// a pass of its own, whose first turn is granted whatever the budget and `drain` say. It ends early when the
// scan is cancelled, and when no turns are granted at all: the scanner pauses or stops.
//
//   for (auto ids = co_await walk.next(); !ids.empty(); ids = co_await walk.next()) ...
#pragma once

#include <cstdint>
#include <deque>
#include <scanhost/scanner.hpp>
#include <string>
#include <vector>

#include "common/set_walk.hpp"
#include "common/tally.hpp"

namespace ff {

class whole_walk {
 public:
  whole_walk(scanhost::scan_context& scan, tally& counts, set_walk walk);

  // The next members, as many as may be acted on; none: the walk is over. A read
  // that failed is counted as an error; a reply of another shape ends the walk, as the engine's does.
  scanhost::task<std::vector<std::string>> next();

 private:
  scanhost::task<void> read_page();

  scanhost::scan_context& scan_;
  tally& counts_;
  set_walk walk_;
  std::deque<std::string> members_;  // read, and not offered yet
  std::uint32_t pages_ = 0;
};

}  // namespace ff
