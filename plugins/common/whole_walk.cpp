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
  while (offered_ == members_.size() && walk_.walking() && !counts_.cancelled()) {
    members_ = co_await walk_.next(scan_);
    offered_ = 0;
    if (walk_.ended() == set_walk::state::failed) counts_.add_error(walk_.message());
  }
  if (offered_ == members_.size() || counts_.cancelled()) co_return {};
  const auto turn = co_await scan_.pass(pages_++).next_page(0);
  if (!turn) co_return {};
  co_return take(turn.allowance);
}

std::vector<std::string> whole_walk::take(std::size_t allowance) {
  const auto left = members_.size() - offered_;
  if (offered_ == 0 && left <= allowance) return std::exchange(members_, {});
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(offered_);
  const auto size = std::min(allowance, left);
  offered_ += size;
  return {std::make_move_iterator(begin), std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(size))};
}

}  // namespace ff
