// SPDX-License-Identifier: Apache-2.0
//
// Whether the memory of a scanner grows steadily, as with a leak. Pure: it is shown the memory in use at the
// end of each cycle, when no scan is under way.
//
// Growth is steady when all of these hold for one of the newest windows of 24, 36, 54 or 81 samples, cut in
// four quarters:
// - The lowest value of each quarter is higher than that of the one before by at least a quarter of the whole
//   growth: a cache that fills up slows down before it stays, a table that doubles grows faster and faster,
//   and a saw-tooth falls in between.
// - The lowest value of the last quarter is at least 16 MiB, and a tenth of the memory in use, above that of
//   the first, and above the ceiling: the highest value that was followed by a fall or a rest before.
// - The window covers at least 20 s.
// - The work of a cycle did not grow by half as well: a backlog takes memory while it lasts.
// A sample is one cycle, or 4 cycles, 16, and so on, so that slow leaks are found as well as fast ones, and
// those that begin late. A leak of 1 MiB a cycle is found after 24 cycles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"

namespace scanhost::runner {

// The memory in use at the end of a cycle.
struct memory_sample {
  base::steady_time at;
  std::int64_t bytes = 0;
  std::uint64_t work = 0;  // candidates that the cycle met, or its backlog
};

// How much the memory has grown in how many cycles and in what time.
struct steady_growth {
  std::int64_t bytes = 0;
  std::uint64_t cycles = 0;
  base::milliseconds span{0};

  std::int64_t bytes_per_cycle() const noexcept {
    return cycles == 0 ? 0 : bytes / static_cast<std::int64_t>(cycles);
  }
};

class memory_growth {
 public:
  void add(const memory_sample& sample);

  // The growth that goes on; none: the memory does not grow steadily.
  const std::optional<steady_growth>& current() const noexcept { return current_; }
  // Cycles in a row at whose end at least 64 KiB more were in use than at the end of the one before.
  std::uint64_t rises() const noexcept { return rises_; }

  // Another build follows: what this one used, unless it grew, is no growth of the next.
  void begin_generation();
  // Another instance of the same build follows.
  void begin_instance();

 private:
  // Some cycles in a row.
  struct bucket {
    base::steady_time at;  // of its first sample
    std::int64_t lowest = 0;
    std::uint64_t most_work = 0;
    std::uint64_t cycles = 0;
  };
  using window = std::span<const bucket>;
  // The newest buckets of one size, and the bucket of the next size that they fill.
  struct scale {
    std::vector<bucket> newest;
    bucket next;
  };

  void note_fall(std::int64_t bytes);
  void update_current(const memory_sample& sample);
  void append(std::size_t level, const bucket& more);
  void judge(std::size_t level);
  void find_growth(std::size_t level);
  bool grows_steadily(window buckets) const;
  bool rests(window buckets) const;
  void forget();

  static constexpr std::size_t levels = 8;
  std::array<scale, levels> scales_;
  std::optional<std::int64_t> last_;
  std::int64_t peak_ = 0;
  std::int64_t trough_ = 0;  // since the last clear fall
  std::int64_t ceiling_ = 0;
  std::uint64_t rises_ = 0;
  std::optional<steady_growth> current_;
  std::size_t level_ = 0;  // at which it was found, ...
  bucket start_;           // ... and where it began
};

}  // namespace scanhost::runner
