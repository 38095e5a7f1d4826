// SPDX-License-Identifier: Apache-2.0
//
// A walk that asks for turns, and goes on in the next cycle where its budget ended. A page may hold more than
// a turn allows to act on: what nobody has looked at waits for the next turn.
//
//   while (co_await walk.next()) walk.note_acted_on(co_await handle(walk.members(), walk.allowance()));
#pragma once

#include <cstdint>
#include <deque>
#include <scanhost/scanner.hpp>
#include <string>

#include "common/set_walk.hpp"
#include "common/tally.hpp"

namespace ff {

// What is kept of a walk from scan to scan. Lost with the scanner's instance.
struct walk_place {
  std::string cursor = "0";
  std::deque<std::string> members = {};  // of the last page: those that nobody has looked at
};

class paced_walk {
 public:
  paced_walk(scanhost::scan_context& scan, tally& counts, walk_place& place, scanhost::pass turns,
             set_walk walk);

  // True: there are members to look at. False: the walk is over for this scan.
  scanhost::task<bool> next();

  // The handler takes from the front what it has looked at.
  std::deque<std::string>& members() noexcept { return place_.members; }
  // How many of them may be acted on.
  std::uint32_t allowance() const noexcept { return allowance_; }
  void note_acted_on(std::uint32_t members) noexcept { acted_on_ = members; }

  // Whether the walk began at the beginning in this scan and has come to its end.
  bool has_seen_all() const noexcept;

 private:
  scanhost::task<void> read_page();

  scanhost::scan_context& scan_;
  tally& counts_;
  walk_place& place_;
  scanhost::pass turns_;
  set_walk walk_;
  std::uint32_t allowance_ = 0;
  std::uint32_t acted_on_ = 0;
  bool began_at_the_beginning_;
};

}  // namespace ff
