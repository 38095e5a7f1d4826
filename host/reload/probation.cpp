// SPDX-License-Identifier: Apache-2.0
//
// Is a new generation worse than the one before it?
#include "reload/probation.hpp"

#include <cmath>
#include <utility>

namespace scanhost::reload {
namespace {

constexpr std::uint64_t min_errors = 5;  // fewer say nothing, whatever their share

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

double share(const runner::counts& counts) noexcept {
  const auto total = static_cast<double>(counts.processed) + static_cast<double>(counts.errors);
  return total > 0 ? static_cast<double>(counts.errors) / total : 0;
}

}  // namespace

std::optional<double> share_of_errors(const runner::counts& counts) noexcept {
  if (counts.processed == 0 && counts.errors == 0) return std::nullopt;
  return share(counts);
}

probation::probation(probation_limits limits, std::optional<double> share_before,
                     const runner::scanner_status& at_swap) noexcept
    : limits_(limits),
      share_before_(share_before.value_or(0)),
      generation_(at_swap.generation),
      restarts_(at_swap.restarts),
      cycles_(at_swap.cycles),
      totals_(at_swap.totals),
      reconnects_(at_swap.store.reconnects) {}

judgement probation::judge(const runner::scanner_status& now) {
  if (limits_.cycles == 0) return {verdict::passed, {}};
  if (now.restarts > restarts_) return {verdict::failed, "it had to be restarted: " + now.last_error};
  // A generation that is left behind has a successor before anybody may have seen it stuck.
  if (now.state == runner::scanner_state::stuck || now.generation > generation_)
    return {verdict::failed, "it is stuck inside a call of the plugin: " + now.last_error};
  if (store_was_away(now)) {
    totals_ = now.totals;
    cycles_ = now.cycles;
    return {};
  }
  if (now.cycles == cycles_) return {};
  if (errs_more(now)) return {verdict::failed, describe_errors(now)};
  return {now.cycles - cycles_ >= limits_.cycles ? verdict::passed : verdict::undecided, {}};
}

// A new generation has a new client, which counts from 0: what `at_swap` said may be the old one's.
bool probation::store_was_away(const runner::scanner_status& now) noexcept {
  const auto before = std::exchange(reconnects_, now.store.reconnects);
  return now.store.state == store::connection_state::down || now.store.reconnects > before;
}

runner::counts probation::since_start(const runner::counts& totals) const noexcept {
  return {totals.processed - totals_.processed, totals.unchanged - totals_.unchanged,
          totals.errors - totals_.errors, totals.skipped - totals_.skipped};
}

bool probation::errs_more(const runner::scanner_status& now) const noexcept {
  const auto counts = since_start(now.totals);
  return counts.errors >= min_errors && share(counts) > share_before_ + limits_.error_margin / 100.0;
}

std::string probation::describe_errors(const runner::scanner_status& now) const {
  const auto counts = since_start(now.totals);
  return std::to_string(counts.errors) + " errors and " + std::to_string(counts.processed) +
         " processed, a share of " + percent(share(counts)) + " against " + percent(share_before_) +
         " before, more than " + std::to_string(limits_.error_margin) + " points above";
}

}  // namespace scanhost::reload
