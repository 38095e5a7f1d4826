// SPDX-License-Identifier: Apache-2.0
#include "reload/probation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/size_text.hpp"

namespace scanhost::reload {
namespace {

constexpr std::uint64_t min_errors = 5;  // fewer are not significant, whatever their share

double share(const runner::item_counts& counts) noexcept {
  const auto total = static_cast<double>(counts.processed) + static_cast<double>(counts.errors);
  return total > 0 ? static_cast<double>(counts.errors) / total : 0;
}

std::string describe_growth(const runner::steady_growth& growth) {
  return fmt::format("its memory grows steadily, by {} in {} cycles ({} a cycle), and before it did not",
                     base::size_text(growth.bytes), growth.cycles, base::size_text(growth.bytes_per_cycle()));
}

}  // namespace

probation::probation(probation_limits limits, const runner::scanner_status& before,
                     const runner::scanner_status& at_start) noexcept
    : limits_(limits),
      share_before_(share(before.totals)),
      grew_before_(before.memory_growth.has_value()),
      generation_(at_start.generation),
      restarts_(at_start.restarts),
      cycles_(at_start.cycles),
      totals_(at_start.totals),
      reconnects_(at_start.store.reconnects),
      store_errors_(at_start.store_errors) {}

judgement probation::judge(const runner::scanner_status& now) {
  if (limits_.cycles == 0) return {probation_result::passed, {}};
  if (now.waits_for) {
    restarts_ = now.restarts;
    count_from(now);
    return {};
  }
  if (now.restarts > restarts_)
    return {probation_result::failed, "it had to be restarted: " + now.last_error};
  // A stuck generation that was abandoned may have been replaced before it was seen stuck.
  if (now.state == runner::scanner_state::stuck || now.generation > generation_)
    return {probation_result::failed, "it is stuck inside a call of the plugin: " + now.last_error};
  if (store_was_at_fault(now)) {
    count_from(now);
    return {};
  }
  if (now.cycles == cycles_) return {};
  if (fails_more_often(now)) return {probation_result::failed, describe_errors(now)};
  if (now.memory_growth && !grew_before_)
    return {probation_result::failed, describe_growth(*now.memory_growth)};
  if (now.cycles - cycles_ < limits_.cycles || may_grow(now)) return {};
  return {probation_result::passed, {}};
}

void probation::count_from(const runner::scanner_status& now) noexcept {
  totals_ = now.totals;
  cycles_ = now.cycles;
}

// The few cycles of a probation are not enough to call it steady growth.
bool probation::may_grow(const runner::scanner_status& now) const noexcept {
  return !grew_before_ && now.memory_rises > 0 && now.memory_rises + 1 >= limits_.cycles;
}

// A new generation has a new client, which counts from 0; the count in `at_start` may be the old one's.
bool probation::store_was_at_fault(const runner::scanner_status& now) noexcept {
  const auto before = std::exchange(reconnects_, now.store.reconnects);
  const auto errors_before = std::exchange(store_errors_, now.store_errors);
  if (!now.store_troubles.empty() || now.store_errors > errors_before) return true;
  return now.store.state == store::connection_state::down || now.store.reconnects > before;
}

runner::item_counts probation::since_start(const runner::item_counts& totals) const noexcept {
  return {totals.processed - totals_.processed, totals.unchanged - totals_.unchanged,
          totals.errors - totals_.errors, totals.skipped - totals_.skipped};
}

bool probation::fails_more_often(const runner::scanner_status& now) const noexcept {
  const auto counts = since_start(now.totals);
  return counts.errors >= min_errors && share(counts) > share_before_ + limits_.error_margin / 100.0;
}

std::string probation::describe_errors(const runner::scanner_status& now) const {
  const auto counts = since_start(now.totals);
  return fmt::format("{} errors and {} processed: {} % errors, {} % before, more than {} points above",
                     counts.errors, counts.processed, std::lround(share(counts) * 100),
                     std::lround(share_before_ * 100), limits_.error_margin);
}

}  // namespace scanhost::reload
