// SPDX-License-Identifier: Apache-2.0
#include "common/whole_walk.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace ff {

using scanhost::task;

whole_walk::whole_walk(scanhost::scan_context& scan, tally& counts, set_walk walk)
    : scan_(scan), counts_(counts), walk_(std::move(walk)) {}

task<std::vector<std::string>> whole_walk::next() {
  while (members_.empty() && walk_.walking() && !counts_.cancelled()) co_await read_page();
  if (members_.empty() || counts_.cancelled()) co_return {};
  const auto turn = co_await scan_.pass(pages_++).next_page(0);
  if (!turn) co_return {};
  const auto size = std::min<std::size_t>(turn.allowance, members_.size());
  const auto end = members_.begin() + static_cast<std::ptrdiff_t>(size);
  std::vector<std::string> offered(std::make_move_iterator(members_.begin()), std::make_move_iterator(end));
  members_.erase(members_.begin(), end);
  co_return offered;
}

task<void> whole_walk::read_page() {
  auto page = co_await walk_.next(scan_);
  if (walk_.ended() == set_walk::state::failed) counts_.add_error(walk_.message());
  members_.assign(std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
}

}  // namespace ff
