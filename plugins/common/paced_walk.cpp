// SPDX-License-Identifier: Apache-2.0
#include "common/paced_walk.hpp"

#include <iterator>
#include <utility>

namespace ff {

using scanhost::task;

paced_walk::paced_walk(scanhost::scan_context& scan, tally& counts, walk_place& place, scanhost::pass turns,
                       set_walk walk)
    : scan_(scan),
      counts_(counts),
      place_(place),
      turns_(turns),
      walk_(std::move(walk)),
      began_at_the_beginning_(place.cursor == "0" && place.members.empty()) {
  walk_.go_to(place_.cursor);
}

task<bool> paced_walk::next() {
  while (!counts_.cancelled() && (walk_.walking() || !place_.members.empty())) {
    const auto turn = co_await turns_.next_page(std::exchange(acted_on_, 0));
    if (!turn) co_return false;
    allowance_ = turn.allowance;
    if (place_.members.empty()) co_await read_page();
    if (!counts_.cancelled() && !place_.members.empty()) co_return true;
  }
  co_return false;
}

bool paced_walk::has_seen_all() const noexcept {
  return began_at_the_beginning_ && walk_.ended() == set_walk::state::done && place_.members.empty();
}

task<void> paced_walk::read_page() {
  auto page = co_await walk_.next(scan_);
  if (walk_.ended() == set_walk::state::cancelled) co_return counts_.cancel();
  if (!walk_.message().empty()) counts_.add_error(walk_.message());
  place_.cursor = walk_.cursor();
  place_.members.assign(std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
}

}  // namespace ff
