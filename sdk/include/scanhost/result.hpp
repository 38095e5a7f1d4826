// SPDX-License-Identifier: Apache-2.0
//
// What a scan returns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "text.hpp"

namespace scanhost::inline v1_0 {

// What a scan found and did; see scanhost_result in scan.h.
struct result {
  std::uint64_t processed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  std::optional<timestamp> next_due = {};
  std::optional<timestamp> oldest_due = {};
  std::optional<std::uint64_t> backlog = {};

  // What several passes of one scan found. The sum knows a backlog where both do, so a sum begins with
  // `result total{.backlog = 0}` where all its parts sample theirs.
  result& operator+=(const result& other) {
    processed += other.processed;
    unchanged += other.unchanged;
    errors += other.errors;
    skipped += other.skipped;
    next_due = earlier(next_due, other.next_due);
    oldest_due = earlier(oldest_due, other.oldest_due);
    if (backlog && other.backlog)
      *backlog += *other.backlog;
    else
      backlog.reset();
    return *this;
  }

 private:
  using moment = std::optional<timestamp>;
  static moment earlier(const moment& a, const moment& b) { return !a ? b : !b ? a : std::min(*a, *b); }
};

}  // namespace scanhost::inline v1_0
