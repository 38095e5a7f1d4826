// SPDX-License-Identifier: Apache-2.0
//
// The counters of one cycle, or sums of them.
#pragma once

#include <cstdint>

namespace scanhost::runner {

struct counts {
  std::uint64_t processed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;

  counts& operator+=(const counts& more) noexcept {
    processed += more.processed;
    unchanged += more.unchanged;
    errors += more.errors;
    skipped += more.skipped;
    return *this;
  }
  bool operator==(const counts&) const = default;
};

// Sums that stay at the highest value instead of wrapping: the terms come from plugins.
std::uint64_t add_saturating(std::uint64_t left, std::uint64_t right) noexcept;
void add_saturating(counts& sum, const counts& more) noexcept;

}  // namespace scanhost::runner
