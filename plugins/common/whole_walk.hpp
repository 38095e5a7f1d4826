// SPDX-License-Identifier: Apache-2.0
//
// A walk over a set that is seen whole in every cycle, as the engine's scanners see it: each of its pages is
// a pass of its own, whose first turn is granted whatever the budget and `drain` say. It ends early when the
// scan is cancelled, and when no turns are granted at all: the scanner pauses or stops.
//
//   for (auto ids = co_await walk.next(); !ids.empty(); ids = co_await walk.next()) ...
#pragma once

#include <cstddef>
#include <cstdint>
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
  // The next members, at most so many; there are some.
  std::vector<std::string> take(std::size_t allowance);

  scanhost::scan_context& scan_;
  tally& counts_;
  set_walk walk_;
  std::vector<std::string> members_;  // of the page that was read last
  std::size_t offered_ = 0;           // of these
  std::uint32_t pages_ = 0;
};

}  // namespace ff
