// SPDX-License-Identifier: Apache-2.0
//
// The account of one cycle: which partitions are still to scan, by their index in the cycle, and the sum of
// the results. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "runner/record/status.hpp"

namespace scanhost::runner {

// The result of one scan.
struct scan_outcome {
  item_counts counts;
  std::optional<std::uint64_t> backlog;
  std::optional<base::timestamp> oldest_due;
  bool unseen = false;  // it could not find out what is due there
};

// A scan that could not be started, or was cancelled: it counts as one error.
scan_outcome failed_scan() noexcept;
// One that the store kept from looking: no error is counted for it.
scan_outcome unseen_scan() noexcept;

class cycle {
 public:
  cycle(std::uint32_t partitions, base::steady_time started);

  base::steady_time started() const noexcept { return started_; }

  // How many there are became known later. Before the first scan.
  void set_partitions(std::uint32_t partitions);

  // The index of the next partition to scan, in order; none: all are under way or finished.
  std::optional<std::uint32_t> next() const noexcept;
  void begin_next() noexcept { ++next_; }
  void finish(std::uint32_t index, const scan_outcome& outcome);
  void add(const item_counts& counts) noexcept { add_saturating(sum_, counts); }
  bool has_finished(std::uint32_t index) const noexcept { return finished_flags_[index]; }
  bool done() const noexcept { return finished_ == partitions_; }

  cycle_report report(base::steady_time now) const noexcept;
  // Some partitions gave a sample of their backlog, others none: the gauge keeps its value.
  bool partly_sampled() const noexcept { return samples_ > 0 && samples_ < partitions_; }
  // `before`: that of the cycle before, which still counts if a scan could not see what is due.
  std::optional<base::timestamp> oldest_due(std::optional<base::timestamp> before) const noexcept;

 private:
  std::uint32_t partitions_;
  base::steady_time started_;
  std::uint32_t next_ = 0;
  std::uint32_t finished_ = 0;
  std::vector<bool> finished_flags_;
  item_counts sum_;
  std::uint64_t backlog_ = 0;
  std::uint32_t samples_ = 0;
  std::optional<base::timestamp> oldest_due_;
  bool unseen_ = false;  // some of its partitions
};

}  // namespace scanhost::runner
