// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/cycle.hpp"

#include <algorithm>

namespace scanhost::runner {

scan_outcome failed_scan() noexcept {
  auto outcome = unseen_scan();
  outcome.counts.errors = 1;
  return outcome;
}

scan_outcome unseen_scan() noexcept {
  scan_outcome outcome;
  outcome.unseen = true;
  return outcome;
}

cycle::cycle(std::uint32_t partitions, base::steady_time started)
    : partitions_(partitions), started_(started), finished_flags_(partitions, false) {}

void cycle::set_partitions(std::uint32_t partitions) {
  partitions_ = partitions;
  finished_flags_.assign(partitions, false);
}

std::optional<std::uint32_t> cycle::next() const noexcept {
  if (next_ >= partitions_) return std::nullopt;
  return next_;
}

void cycle::finish(std::uint32_t index, const scan_outcome& outcome) {
  if (finished_flags_[index]) return;
  finished_flags_[index] = true;
  ++finished_;
  add_saturating(sum_, outcome.counts);
  unseen_ = unseen_ || outcome.unseen;
  if (outcome.backlog) {
    ++samples_;
    backlog_ = add_saturating(backlog_, *outcome.backlog);
  }
  if (outcome.oldest_due && (!oldest_due_ || *outcome.oldest_due < *oldest_due_))
    oldest_due_ = outcome.oldest_due;
}

std::optional<base::timestamp> cycle::oldest_due(std::optional<base::timestamp> before) const noexcept {
  if (!unseen_ || !before) return oldest_due_;
  return oldest_due_ ? std::min(*oldest_due_, *before) : before;
}

cycle_report cycle::report(base::steady_time now) const noexcept {
  cycle_report report;
  report.counts = sum_;
  if (partitions_ > 0 && samples_ == partitions_) report.backlog = backlog_;
  report.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - started_);
  return report;
}

}  // namespace scanhost::runner
