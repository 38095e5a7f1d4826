// SPDX-License-Identifier: Apache-2.0
//
// What scans counted and the record does not know yet: scans end far more often than the counts are read.
#pragma once

#include <cstdint>
#include <utility>

#include "base/clock.hpp"
#include "runner/record/record.hpp"

namespace scanhost::runner {

class count_buffer {
 public:
  static constexpr base::milliseconds flush_period{100};

  count_buffer(record& record, std::uint64_t generation) noexcept
      : record_(record), generation_(generation) {}

  void add(const item_counts& more) {
    add_saturating(unrecorded_, more);
    if (unrecorded_ != item_counts{} && base::steady::now() - flushed_at_ >= flush_period) flush();
  }
  void flush() {
    const auto more = std::exchange(unrecorded_, {});
    if (more == item_counts{}) return;
    flushed_at_ = base::steady::now();
    record_.add_counts(generation_, more);
  }

 private:
  record& record_;
  const std::uint64_t generation_;
  item_counts unrecorded_;
  base::steady_time flushed_at_{};
};

}  // namespace scanhost::runner
