// SPDX-License-Identifier: Apache-2.0
//
// How many items scans processed, left unchanged, failed at and skipped, and how many were too many: of one
// scan, or summed up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace scanhost::runner {

struct item_counts {
  std::uint64_t processed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  std::uint64_t beyond_allowance = 0;  // acted on beyond what the scan's turns allow

  bool operator==(const item_counts&) const = default;
};

// Sums that stay at the highest value instead of wrapping: the terms come from plugins.
inline std::uint64_t add_saturating(std::uint64_t left, std::uint64_t right) noexcept {
  const auto room = std::numeric_limits<std::uint64_t>::max() - left;
  return left + std::min(room, right);
}

inline void add_saturating(item_counts& sum, const item_counts& more) noexcept {
  sum.processed = add_saturating(sum.processed, more.processed);
  sum.unchanged = add_saturating(sum.unchanged, more.unchanged);
  sum.errors = add_saturating(sum.errors, more.errors);
  sum.skipped = add_saturating(sum.skipped, more.skipped);
  sum.beyond_allowance = add_saturating(sum.beyond_allowance, more.beyond_allowance);
}

}  // namespace scanhost::runner
