// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "scanhost/detail/member_rules.hpp"
#include "store/protocol/states.hpp"

namespace scanhost::runner {

namespace {

constexpr base::milliseconds max_lookahead{24 * 3600 * 1000};

swept_family family_of(const plan::scanner_plan& plan) {
  const auto& families = plan.plugin.description.families;
  if (families.empty()) return {{}, 1};
  return {families.front(), plan::partition_count(plan, families.front())};
}

// What the server said, in a message about it.
std::string_view reply_in(std::string_view message) noexcept {
  const auto at = message.find(": ");
  return at == std::string_view::npos ? message : message.substr(at + 2);
}

scan_outcome outcome_of(const scan_end& end) {
  if (end.cancelled) {
    auto failed = end.given_up ? unseen_scan() : failed_scan();
    failed.counts.beyond_allowance = end.beyond_allowance;
    return failed;
  }
  const auto& result = end.result;
  scan_outcome outcome;
  outcome.counts = {result.processed, result.unchanged, result.errors, result.skipped, end.beyond_allowance};
  if (result.flags & SCANHOST_RESULT_BACKLOG) outcome.backlog = result.backlog;
  if (result.oldest_due_ms > 0)
    outcome.oldest_due = base::timestamp(base::milliseconds(result.oldest_due_ms));
  outcome.unseen = end.store_at_fault;
  return outcome;
}

}  // namespace

sweep::sweep(shared_state& shared, run_mode mode, store::client& client, scans& scans,
             restart_wait& restart_wait, wake_signal& wake, const memory_meter& memory)
    : shared_(shared),
      settings_(shared.plan->settings),
      mode_(mode),
      client_(client),
      scans_(scans),
      restart_wait_(restart_wait),
      wake_(wake),
      family_(family_of(*shared.plan)),
      listing_(family_.description(), settings_, client, wake),
      schedule_(settings_.interval, base::steady::now() + mode.first_delay),
      clocks_(client, wake),
      counts_(*shared.record, shared.number),
      completion_(shared, client, scans, memory) {
  shared_.record->set_next_start(shared_.number, schedule_.next_start());
}

void sweep::run_now() {
  schedule_.bring_forward(base::steady::now());
  shared_.record->set_next_start(shared_.number, schedule_.next_start());
}

bool sweep::advance() {
  const auto now = base::steady::now();
  settle();
  if (held_ || shared_.record->paused()) return cut_short();
  if (cycle_) {
    if (entry_ || listing_.under_way()) return false;
    if (std::exchange(entering_, false)) {
      enter_cycle();
      return true;
    }
    if (cycle_->done()) {
      end_cycle(now);
      return true;
    }
    const bool started = start_scans(now);
    revisit_others(now);
    return start_early_visits(now) || started;
  }
  if (cycle_is_due(now)) {
    if (scans_.idle()) return begin_cycle(now);
    revisit_others(now);
    if (!revisiting_) return false;
  }
  return start_early_visits(now);
}

void sweep::reset() {
  settle();
  flush_counts();
  discard_cycle();
  early_.clear();
  departing_.clear();
}

std::optional<base::steady_time> sweep::next_moment() const {
  std::optional<base::steady_time> moment;
  if (mode_.cycles || held_ || shared_.record->paused()) return moment;
  if (!cycle_ && scans_.idle()) moment = schedule_.next_start();
  if (may_revisit()) moment = next_revisit();
  if (departing_.empty()) {
    const auto departure = early_.next_departure();
    if (departure && (!moment || *departure < *moment)) moment = departure;
  }
  return moment;
}

// --- cycles ------------------------------------------------------------------------------------------

bool sweep::cycle_is_due(base::steady_time now) const {
  if (shared_.stopping || all_cycles_done()) return false;
  return mode_.cycles || schedule_.due(now);
}

bool sweep::begin_cycle(base::steady_time now) {
  schedule_.begin_cycle(now);
  scans_.budget().cycle_starts(now);
  cycle_number_ = shared_.record->begin_cycle(shared_.number, schedule_.next_start());
  cycle_.emplace(family_.count(), now);
  clocks_.begin_cycle(now);
  know_partitions();
  nodes_followed_ = !family_.is_node();
  if (!nodes_followed_) ask_for_nodes();
  entering_ = true;
  listing_.begin();
  return true;
}

void sweep::enter_cycle() {
  auto listed = listing_.take();
  if (listed.members) adopt(std::move(*listed.members));
  const bool of_store = listed.failed && is_of_store(listed.refusal, family_.description().members_from);
  if (listed.failed && !of_store) add_counts({.errors = 1});
  entry_ = cycle_entry::begin;
  if (!scans_.start(cycle_entry::begin, cycle_number_)) entry_.reset();
}

void sweep::discard_cycle() {
  cycle_.reset();
  entry_.reset();
  entering_ = false;
  clocks_.drop_waiting();
  listing_.drop();
}

// A pause, or functions are missing: scans under way end at their next turn, and the cycle is discarded.
bool sweep::cut_short() {
  departing_.clear();
  if (!cycle_ || !scans_.idle()) return false;
  scans_.budget().cycle_ends(base::steady::now());
  discard_cycle();
  flush_counts();
  shared_.record->set_state(shared_.number, scanner_state::waiting);
  return true;
}

void sweep::end_cycle(base::steady_time now) {
  scans_.budget().cycle_ends(now);
  flush_counts();
  if (shared_.stopping) return cycle_.reset();  // cut short: no cycle
  entry_ = cycle_entry::end;
  if (!scans_.start(cycle_entry::end, cycle_number_)) complete_cycle(now);
}

// Of the cycle, but not of one of its partitions.
void sweep::add_counts(const item_counts& counts) {
  counts_.add(counts);
  cycle_->add(counts);
}

// The plugin's begin_cycle or end_cycle has finished; its counts are the cycle's.
void sweep::settle_entry(const scan_end& end) {
  if (!cycle_ || std::exchange(entry_, std::nullopt) != end.entry) return counts_.add(outcome_of(end).counts);
  add_counts(outcome_of(end).counts);
  if (end.entry == cycle_entry::begin && !end.cancelled &&
      family_.description().members == config::member_source::plugin)
    adopt(listing_.offers().take());
  if (end.entry != cycle_entry::end) return;
  flush_counts();
  if (shared_.stopping) return cycle_.reset();
  complete_cycle(base::steady::now());
}

void sweep::complete_cycle(base::steady_time now) {
  const auto report = completion_.complete(*cycle_, family_, cycle_number_, now);
  if (mode_.cycles) reports_.push_back(report);
  cycle_.reset();
  entry_.reset();
  restart_wait_.reset();
}

// --- the members of a listed family -------------------------------------------------------------------

// Scans are not under way: what is known of partitions that went can be forgotten.
void sweep::adopt(std::vector<std::string> members) {
  const auto gone = family_.replace_members(detail::without_repetitions(std::move(members)));
  for (const auto partition : gone) {
    early_.remove(partition);
    scans_.remove_partition(partition);
    std::erase(departing_, partition);
  }
  if (!gone.empty() || !std::exchange(adopted_, true))
    shared_.record->keep_partitions(shared_.number, family_.tags());
  cycle_->set_partitions(family_.count());
  know_partitions();
}

void sweep::know_partitions() {
  if (known_partitions_ == family_.count()) return;
  known_partitions_ = family_.count();
  shared_.record->set_partitions(shared_.number, family_.count());
}

// --- scans -------------------------------------------------------------------------------------------

bool sweep::start_scans(base::steady_time now) {
  if (!nodes_are_known(now)) return false;
  bool started = take_up_waiting(now);
  while (scans_.may_start()) {
    const auto index = cycle_->next();
    if (!index) break;
    // With one server, or as long as the nodes are not known, all partitions wait for the same clock.
    if (client_.node_count() == 1 && !clock_is_fresh(family_.partition_at(*index), now)) break;
    cycle_->begin_next();
    started = take_up(*index, now) || started;
  }
  return started;
}

// Of the family `node`: which there are is known when the cluster has told, or at first one server its time.
bool sweep::nodes_are_known(base::steady_time now) {
  if (nodes_followed_) return true;
  if (asking_nodes_) return false;
  if (client_.node_count() == 1 && !clock_is_fresh(0, now)) return false;
  follow_nodes();
  nodes_followed_ = true;
  return true;
}

// False: it waits for its node's clock. The partitions of other nodes do not wait for it.
bool sweep::take_up(std::uint32_t index, base::steady_time now) {
  const auto partition = family_.partition_at(index);
  if (const auto outcome = outcome_without_scan(partition)) {
    account(index, false, *outcome);
    return true;
  }
  if (!clock_is_fresh(partition, now)) {
    clocks_.add_waiting(index);
    return false;
  }
  start_scan(partition, false);
  return true;
}

bool sweep::take_up_waiting(base::steady_time now) {
  bool started = false;
  for (const auto index : clocks_.take_waiting()) {
    if (scans_.may_start()) {
      started = take_up(index, now) || started;
    } else {
      clocks_.add_waiting(index);
      clocks_.let_go_on();
    }
  }
  return started;
}

void sweep::start_scan(std::uint32_t partition, bool early) {
  early_.forget(partition);
  scans_.start(family_, partition, early, cycle_number_);
}

// A cycle ends with its last scan, which a node that does not answer may keep for long. Until then the
// partitions of the other nodes are visited early, once an interval.
bool sweep::may_revisit() const {
  if (mode_.cycles || shared_.stopping || client_.node_count() == 1) return false;
  if (scans_.idle() && !clocks_.has_waiting()) return false;
  return !cycle_ || (!entering_ && !entry_ && !listing_.under_way());
}

base::steady_time sweep::next_revisit() const {
  return std::max(schedule_.next_start(), last_revisit_ + settings_.interval);
}

void sweep::revisit_others(base::steady_time now) {
  if (!may_revisit() || now < next_revisit()) return;
  last_revisit_ = now;
  clocks_.let_go_on();
  const bool held_up = scans_.set_absent_aside() || clocks_.has_waiting();
  if (!held_up || scans_.work_for_cycle()) return;
  revisiting_ = true;
  for (std::uint32_t index = 0; index < family_.count(); ++index) {
    const auto partition = family_.partition_at(index);
    if (std::ranges::count(departing_, partition) == 0) departing_.push_back(partition);
  }
}

bool sweep::clock_is_fresh(std::uint32_t partition, base::steady_time now) {
  const auto& route = family_.route(partition);
  if (clocks_.is_fresh(route, now)) return true;
  clocks_.ask(route, [this, partition, asked = cycle_number_](const std::string& node,
                                                              const base::result<void>& answer) {
    if (cycle_ && cycle_number_ == asked && !answer)
      fail_partitions_of(partition, node, answer.error().message);
  });
  return false;
}

// The node of this partition is silent: each of its partitions counts as a failed scan, without being asked
// again in this cycle. With one node those are all that are left.
void sweep::fail_partitions_of(std::uint32_t partition, const std::string& node, const std::string& why) {
  const auto tag = family_.tag(partition);
  const bool of_store = is_refused(tag) || is_of_store(reply_in(why), tag);
  if (!of_store && clocks_.take_first_silence())
    base::log(base::events::clock_unknown, settings_.name,
              fmt::format("the store does not answer TIME, so its partitions count as failed: {}", why),
              {{"error", why}, {"partition", tag}});
  if (client_.node_count() > 1) {
    clocks_.note_silent(node);
    return;
  }
  while (const auto next = cycle_->next()) {
    cycle_->begin_next();
    account(*next, false, of_store ? unseen_scan() : failed_scan());
  }
}

// Of a node that did not tell its time, or owes a reply at the moment. None: the partition can be scanned.
std::optional<scan_outcome> sweep::outcome_without_scan(std::uint32_t partition) const {
  const auto& route = family_.route(partition);
  if (clocks_.is_silent(route)) return failed_scan();
  if (!mode_.cycles && client_.is_silent(route)) return unseen_scan();
  return std::nullopt;
}

// Commands about no key are answered by a node that has lost its slots too, so nothing else would tell.
void sweep::ask_for_nodes() {
  asking_nodes_ = client_.refresh_nodes([this] {
    asking_nodes_ = false;
    wake_.raise();
  });
}

// Of one server, and as long as the nodes are not known, the name does not matter.
void sweep::follow_nodes() {
  std::vector<family_node> nodes;
  const auto count = client_.node_count();
  for (std::size_t node = 0; node < count; ++node)
    nodes.push_back({count == 1 ? std::string() : client_.node_name(node), client_.node_route(node)});
  for (const auto partition : family_.replace_nodes(std::move(nodes))) {
    early_.remove(partition);
    scans_.remove_partition(partition);
    std::erase(departing_, partition);
  }
  cycle_->set_partitions(family_.count());
  know_partitions();
}

bool sweep::start_early_visits(base::steady_time now) {
  if (mode_.cycles || shared_.stopping) return false;
  settle();
  for (const auto partition : early_.take(now)) departing_.push_back(partition);
  bool started = false;
  while (!departing_.empty() && scans_.may_start()) {
    const auto partition = departing_.front();
    departing_.pop_front();
    // A scan that is under way, or still to come in this cycle, sees what is due as well.
    if (scans_.under_way(partition) || (cycle_ && !cycle_->has_finished(family_.index_of(partition))))
      continue;
    if (!client_.answers(family_.route(partition))) continue;
    start_scan(partition, true);
    started = true;
  }
  revisiting_ = revisiting_ && !departing_.empty();
  return started;
}

void sweep::settle() {
  scans_.take_ended(ended_);
  for (auto& end : ended_) {
    // Its calls could not succeed. The cycles of a service go on by themselves; others end with what they
    // found.
    if (end.store_at_fault && !mode_.cycles) end.result.errors = 0;
    if (end.entry) {
      settle_entry(end);
      continue;
    }
    if (!mode_.cycles && !end.cancelled) look_ahead(end);
    account(family_.index_of(end.partition), end.early, outcome_of(end));
  }
}

// Whether what the server said to the host's own command is a state of the store. A service counts no error
// for it.
bool sweep::is_of_store(std::string_view refusal, std::string_view route) {
  const auto found = store::judge(refusal);
  if (found.fault != store::fault::store) return false;
  shared_.record->add_store_error(found.state, refusal, route);
  return !mode_.cycles;
}

// The same of a server that takes no connection.
bool sweep::is_refused(std::string_view route) {
  const auto refusal = client_.status().refusal;
  if (!refusal) return false;
  shared_.record->add_store_error(refusal->state, refusal->text, route);
  return !mode_.cycles;
}

// The partition's next candidate comes due on the server's clock; we wait for it on ours. It may have come
// due while the scan was at work: then the early visit follows soon. One that was due already when the scan
// asked for the time is not a next candidate.
void sweep::look_ahead(const scan_end& end) {
  if (end.result.next_due_ms <= 0 || end.result.next_due_ms <= end.looked_ms) return;
  const auto now_there = client_.now(family_.route(end.partition)).time_since_epoch().count();
  const auto ahead = std::clamp<std::int64_t>(end.result.next_due_ms - now_there, 0, max_lookahead.count());
  early_.know(end.partition, base::steady::now() + base::milliseconds(ahead));
}

void sweep::account(std::uint32_t index, bool early, const scan_outcome& outcome) {
  counts_.add(outcome.counts);
  if (!early && cycle_) cycle_->finish(index, outcome);
}

}  // namespace scanhost::runner
