// SPDX-License-Identifier: Apache-2.0
#include "runner/record/item_counts.hpp"

#include <algorithm>
#include <limits>

namespace scanhost::runner {

std::uint64_t add_saturating(std::uint64_t left, std::uint64_t right) noexcept {
  const auto room = std::numeric_limits<std::uint64_t>::max() - left;
  return left + std::min(room, right);
}

void add_saturating(item_counts& sum, const item_counts& more) noexcept {
  sum.processed = add_saturating(sum.processed, more.processed);
  sum.unchanged = add_saturating(sum.unchanged, more.unchanged);
  sum.errors = add_saturating(sum.errors, more.errors);
  sum.skipped = add_saturating(sum.skipped, more.skipped);
  sum.beyond_allowance = add_saturating(sum.beyond_allowance, more.beyond_allowance);
}

}  // namespace scanhost::runner
