// SPDX-License-Identifier: Apache-2.0
//
// How many items scans processed, left unchanged, failed at and skipped, and how many were too many: of one
// scan, or summed up.
#pragma once

#include <cstdint>

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
std::uint64_t add_saturating(std::uint64_t left, std::uint64_t right) noexcept;
void add_saturating(item_counts& sum, const item_counts& more) noexcept;

}  // namespace scanhost::runner
