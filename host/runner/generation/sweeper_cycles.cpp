// SPDX-License-Identifier: Apache-2.0
//
// Cycles and early visits: what to start next, and what came of it.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "runner/generation/sweeper.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds publish_period{100};
constexpr base::milliseconds max_lookahead{24 * 3600 * 1000};

scan_outcome outcome_of(const visit_end& end) {
  if (end.cancelled) return failed_scan();
  const auto& result = end.result;
  scan_outcome outcome;
  outcome.counts = {result.processed, result.unchanged, result.errors, result.skipped};
  if (result.flags & SCANHOST_RESULT_BACKLOG) outcome.backlog = result.backlog;
  if (result.oldest_due_ms > 0)
    outcome.oldest_due = base::timestamp(base::milliseconds(result.oldest_due_ms));
  return outcome;
}

}  // namespace

// One step; false: nothing to do until something happens.
bool sweeper::advance() {
  const auto now = base::steady::now();
  if (around_.record.paused()) return cut_short();
  if (cycle_) {
    if (cycle_->done()) return end_cycle(now);
    const bool started = start_scans(now);
    return start_early_visits(now) || started;
  }
  if (cycle_is_due(now)) return visits_->idle() && begin_cycle(now);
  return start_early_visits(now);
}

// Of a pause: what is under way ends at its next turn.
bool sweeper::cut_short() {
  departing_.clear();
  if (!cycle_ || !visits_->idle()) return false;
  visits_->budget().cycle_ends(base::steady::now());
  cycle_.reset();
  flush_counts();
  around_.record.state(around_.generation, scanner_state::waiting);
  return true;
}

bool sweeper::cycle_is_due(base::steady_time now) const {
  return !around_.stopping && (mode_.cycles || schedule_.due(now));
}

bool sweeper::begin_cycle(base::steady_time now) {
  schedule_.started(now);
  visits_->budget().cycle_starts(now);
  silence_reported_ = false;
  cycle_number_ = around_.record.cycle_begins(around_.generation);
  if (family_.name == "node")
    family_.count = static_cast<std::uint32_t>(std::max<std::size_t>(client_->node_count(), 1));
  cycle_.emplace(cycle_number_, family_.count, now);
  if (auto problem = instance_->begin_cycle(cycle_number_)) visits_->break_off(std::move(*problem));
  return true;
}

bool sweeper::start_scans(base::steady_time now) {
  bool did = false;
  while (visits_->may_start()) {
    const auto partition = cycle_->next();
    if (!partition || !clock_is_fresh(*partition, now)) break;
    cycle_->begin_next();
    start_visit(*partition, false);
    did = true;
  }
  return did;
}

void sweeper::start_visit(std::uint32_t partition, bool early) {
  early_.forget(partition);
  visits_->start(family_, partition, early, cycle_number_);
}

// Each node is asked for its time once a cycle, before the first scan of its partitions.
bool sweeper::clock_is_fresh(std::uint32_t partition, base::steady_time now) {
  const auto route = family_.tag(partition);
  const auto age = client_->clock_age(route, now);
  const auto limit = std::chrono::duration_cast<base::milliseconds>(now - cycle_->started());
  if (age != base::milliseconds::max() && age <= limit) return true;
  if (std::exchange(asking_clock_, true)) return false;
  client_->refresh_clock(route, [this, partition, asked = cycle_number_](base::result<void> answered) {
    asking_clock_ = false;
    if (cycle_ && cycle_number_ == asked && !answered) node_is_silent(partition, answered.error().message);
    wake();
  });
  return false;
}

// Its partitions count as one failed scan each. With one node those are all that are left; with several,
// each partition asks for itself.
void sweeper::node_is_silent(std::uint32_t partition, const std::string& why) {
  if (!std::exchange(silence_reported_, true))
    base::log(base::severity::warn, settings_.name,
              "no TIME from the store, its partitions count as failed: " + why);
  const bool single_node = client_->node_count() <= 1;
  while (const auto next = cycle_->next()) {
    if (!single_node && *next != partition) break;
    cycle_->begin_next();
    account(*next, false, failed_scan());
  }
}

bool sweeper::start_early_visits(base::steady_time now) {
  if (mode_.cycles || around_.stopping) return false;
  for (const auto partition : early_.take(now)) departing_.push_back(partition);
  bool did = false;
  while (!departing_.empty() && visits_->may_start()) {
    const auto partition = departing_.front();
    departing_.pop_front();
    // A visit under way, or still to come in this cycle, sees what is due as well.
    if (visits_->visiting(partition) || (cycle_ && !cycle_->has_finished(partition))) continue;
    start_visit(partition, true);
    did = true;
  }
  return did;
}

void sweeper::ended(const visit_end& end) {
  if (!mode_.cycles && !end.cancelled) look_ahead(end);
  account(end.partition, end.early, outcome_of(end));
  wake();
}

// The visit's next candidate comes due on the server's clock; we wait for it on ours. It may have come due
// while the scan was at work: then it is visited soon. What was due already when the scan looked is no
// next candidate.
void sweeper::look_ahead(const visit_end& end) {
  if (end.result.next_due_ms <= 0) return;
  const auto now_there = client_->now(family_.tag(end.partition)).time_since_epoch().count();
  const auto looked = end.looked_ms > 0 ? end.looked_ms : now_there;
  if (end.result.next_due_ms <= looked) return;
  const auto ahead = std::clamp<std::int64_t>(end.result.next_due_ms - now_there, 0, max_lookahead.count());
  early_.know(end.partition, base::steady::now() + base::milliseconds(ahead));
}

void sweeper::account(std::uint32_t partition, bool early, const scan_outcome& outcome) {
  add_saturating(uncounted_, outcome.counts);
  if (!early && cycle_) cycle_->finished(partition, outcome);
  if (uncounted_ != counts{} && base::steady::now() - counted_at_ >= publish_period) flush_counts();
}

void sweeper::flush_counts() {
  const auto more = std::exchange(uncounted_, {});
  if (more == counts{}) return;
  counted_at_ = base::steady::now();
  around_.record.counted(around_.generation, more);
}

bool sweeper::end_cycle(base::steady_time now) {
  visits_->budget().cycle_ends(now);
  flush_counts();
  if (around_.stopping) {  // cut short: no cycle
    cycle_.reset();
    return true;
  }
  if (auto problem = instance_->end_cycle()) {
    visits_->break_off(std::move(*problem));
    return true;
  }
  const auto summary = cycle_->report(now);
  std::optional<base::milliseconds> overdue;
  if (const auto oldest = cycle_->oldest_due())
    overdue = std::max(client_->now(family_.tag(0)) - *oldest, base::milliseconds(0));
  publish();
  around_.record.cycle_completed(around_.generation, summary, overdue);
  report(summary, cycle_number_);
  if (cycle_->partly_sampled())
    base::log(base::severity::debug, settings_.name,
              "backlog not written: not every partition gave a sample");
  if (mode_.cycles) reports_.push_back(summary);
  cycle_.reset();
  restart_wait_.succeeded();
  return true;
}

void sweeper::report(const cycle_report& summary, std::uint64_t number) const {
  const auto& sum = summary.counts;
  const auto level = sum.processed + sum.errors > 0 ? base::severity::info : base::severity::trace;
  if (!base::logs(level)) return;
  const auto elapsed = std::chrono::duration_cast<base::milliseconds>(summary.elapsed);
  base::log(level, settings_.name,
            "cycle=" + std::to_string(number) + " processed=" + std::to_string(sum.processed) +
                " unchanged=" + std::to_string(sum.unchanged) + " errors=" + std::to_string(sum.errors) +
                " skipped=" + std::to_string(sum.skipped) + " elapsed_ms=" + std::to_string(elapsed.count()));
}

}  // namespace scanhost::runner
