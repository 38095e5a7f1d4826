// SPDX-License-Identifier: Apache-2.0
#include "runner/record/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "base/log.hpp"
#include "base/size_text.hpp"
#include "runner/record/trouble_log.hpp"
#include "store/connection/transport.hpp"

namespace scanhost::runner {

namespace {

std::string own_prefix(const config::description& plugin) {
  return plugin.metric_prefix.empty() ? plugin.name + "_" : plugin.metric_prefix;
}

std::string family_of(const config::description& plugin) {
  return plugin.families.empty() ? std::string() : plugin.families.front().name;
}

constexpr std::size_t max_history = 20;

std::string describe_growth(const steady_growth& growth, std::int64_t bytes) {
  return fmt::format(
      "its memory grows steadily: {} in use, {} more after {} cycles ({} a cycle) in {} s; it may leak",
      base::size_text(bytes), base::size_text(growth.bytes), growth.cycles,
      base::size_text(growth.bytes_per_cycle()), growth.span.count() / 1000);
}

base::timestamp wall_clock() {
  return std::chrono::time_point_cast<base::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

record::record(const plan::scanner_plan& plan, metrics::registry& registry)
    : store_(store::endpoint_name(plan.store)),
      log_level_(plan.settings.name),
      metrics_(registry, plan.plugin.description, plan.settings.name),
      series_(registry, own_prefix(plan.plugin.description), plan.settings.name) {
  status_.name = plan.settings.name;
  status_.plugin = plan.settings.plugin;
  status_.plugin_version = plan.plugin.description.version;
  status_.sha256 = plan.plugin.sha256;
  status_.interval = plan.settings.interval;
  status_.family = family_of(plan.plugin.description);
  configure_level(plan.settings.log_level);
}

record::~record() {
  for (const auto& trouble : troubles_.current()) shared_trouble_log().leave(store_, status_.name, trouble);
}

std::uint64_t record::reserve_generation() {
  const std::lock_guard lock(mutex_);
  return ++reserved_;
}

void record::begin_generation(std::uint64_t generation, const plan::scanner_plan& plan, std::string outcome,
                              std::string reason) {
  const std::lock_guard lock(mutex_);
  status_.state = scanner_state::starting;
  status_.generation = generation;
  status_.plugin = plan.settings.plugin;
  status_.plugin_version = plan.plugin.description.version;
  status_.sha256 = plan.plugin.sha256;
  status_.interval = plan.settings.interval;
  status_.family = family_of(plan.plugin.description);
  status_.dry_run = plan.settings.dry_run;
  metrics_.set_dry_run(status_.dry_run);
  status_.since = wall_clock();
  next_start_.reset();
  status_.waits_for.reset();
  metrics_.set_functions_missing(false);
  status_.blocked = false;
  configure_level(plan.settings.log_level);
  growth_.begin_generation();
  plugin_lines_.reset();
  show_growth();
  metrics_.set_generation(generation);
  remember({generation, status_.sha256, status_.plugin_version, status_.since, std::move(outcome),
            std::move(reason)});
}

void record::add_refusal(const std::string& sha256, std::string reason) {
  const std::lock_guard lock(mutex_);
  remember({status_.generation, sha256, {}, wall_clock(), "refused", std::move(reason)});
}

void record::set_blocked(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  status_.state = scanner_state::stopped;
  status_.blocked = true;
  status_.last_error = reason;
  remember({0, status_.sha256, status_.plugin_version, wall_clock(), "refused", reason});
}

void record::recall(std::vector<generation_change> history) {
  const std::lock_guard lock(mutex_);
  for (auto& change : history) remember(std::move(change));
}

// Starts of one build in a row are one entry, the last: a host that starts every night forgets
// nothing for it.
void record::remember(generation_change change) {
  auto& history = status_.history;
  const auto says = [](const generation_change& which) {
    return std::tie(which.outcome, which.reason, which.sha256);
  };
  const bool at_start =
      change.outcome == "started" || change.outcome == "refused" || change.outcome == "rolled_back";
  const bool repeats = at_start && !history.empty() && says(history.back()) == says(change);
  if (repeats) history.pop_back();
  history.push_back(std::move(change));
  if (history.size() > max_history) history.erase(history.begin());
}

void record::set_probation(bool enabled) {
  const std::lock_guard lock(mutex_);
  status_.on_probation = enabled;
}

bool record::on_probation() const {
  const std::lock_guard lock(mutex_);
  return status_.on_probation;
}

void record::count_pinned() {
  const std::lock_guard lock(mutex_);
  metrics_.set_pinned(++status_.pinned_builds);
}

void record::set_paused(bool enabled, pause_details details) {
  const std::lock_guard lock(mutex_);
  status_.paused = enabled;
  status_.pause = enabled ? std::move(details) : pause_details{};
  paused_.store(enabled, std::memory_order_relaxed);
}

void record::configure_log_level(std::optional<base::severity> level) {
  const std::lock_guard lock(mutex_);
  configure_level(level);
}

void record::set_log_level(std::optional<base::severity> level) {
  const std::lock_guard lock(mutex_);
  chosen_level_ = level;
  apply_level();
}

// A level that was chosen by hand ends when the configuration changes.
void record::configure_level(std::optional<base::severity> level) {
  if (level != configured_level_) chosen_level_.reset();
  configured_level_ = level;
  apply_level();
}

void record::apply_level() {
  const auto level = chosen_level_ ? chosen_level_ : configured_level_;
  log_level_.set(level);
  status_.log_level = level == base::host_log_level() ? std::nullopt : level;
}

void record::set_stuck(std::uint64_t generation, std::uint64_t abandoned, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  status_.state = scanner_state::stuck;
  status_.stuck_generations = abandoned;
  status_.last_error = reason;
  metrics_.set_stuck(abandoned);
}

void record::set_abandoned(std::uint64_t generations) {
  const std::lock_guard lock(mutex_);
  if (status_.stuck_generations == generations) return;
  status_.stuck_generations = generations;
  metrics_.set_stuck(generations);
}

void record::end_series_with_scanner() {
  const std::lock_guard lock(mutex_);
  metrics_.end_with_scanner();
}

scanner_status record::status() const {
  const std::lock_guard lock(mutex_);
  auto copy = status_;
  const bool sweeps = copy.state == scanner_state::waiting || copy.state == scanner_state::cycling;
  if (copy.waits_for && sweeps) copy.state = copy.waits_for->state;
  copy.next_cycle = next_cycle();
  copy.items_in_back_off = tracker_.in_back_off();
  copy.store_troubles = troubles_.current();
  const auto now = base::steady::now();
  copy.processed_per_second = processed_.per_second(now);
  copy.cpu_usage = cpu_microseconds_.per_second(now) / 1e6;
  return copy;
}

void record::set_state(std::uint64_t generation, scanner_state state) {
  const std::lock_guard lock(mutex_);
  if (speaks(generation)) status_.state = state;
}

void record::set_build(std::uint64_t generation, const std::string& version, const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  status_.plugin_version = version;
  status_.sha256 = sha256;
}

std::uint64_t record::begin_cycle(std::uint64_t generation, base::steady_time next_start) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return cycles_begun_;
  next_start_ = next_start;
  status_.state = scanner_state::cycling;
  troubles_.begin_cycle();
  tracker_.advance();
  return ++cycles_begun_;
}

void record::set_next_start(std::uint64_t generation, base::steady_time moment) {
  const std::lock_guard lock(mutex_);
  if (speaks(generation)) next_start_ = moment;
}

void record::add_counts(std::uint64_t generation, const item_counts& more) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  add_saturating(status_.totals, more);
  processed_.add(more.processed, base::steady::now());
  metrics_.add(more);
  unreported_overrun_ = add_saturating(unreported_overrun_, more.beyond_allowance);
}

void record::complete_cycle(std::uint64_t generation, const cycle_report& report,
                            std::optional<base::milliseconds> oldest_overdue,
                            std::optional<std::int64_t> memory) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  status_.state = scanner_state::waiting;
  ++status_.cycles;
  status_.last_cycle = report;
  status_.last_cycle_at = wall_clock();
  if (report.backlog) status_.backlog = report.backlog;
  status_.oldest_overdue = oldest_overdue;
  metrics_.complete_cycle(report, oldest_overdue, tracker_.in_back_off());
  series_.end_unheld();
  report_overrun();
  show_memory(memory);
  if (memory) watch_memory(report, *memory);
}

void record::add_gate_report(std::uint64_t generation, std::uint64_t held_back, std::uint64_t refused,
                             const store::audit_file::counts& audit) {
  const std::lock_guard lock(mutex_);
  metrics_.add_audit(audit.written, audit.dropped);
  if (!speaks(generation)) return;
  status_.held_back += held_back;
  status_.refused += refused;
  metrics_.add_gated(held_back, refused);
}

void record::end_commands(std::uint64_t generation, bool answered, std::string failing) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  status_.failing = std::move(failing);
  for (const auto& over : troubles_.complete_cycle(answered)) close_trouble(over);
}

void record::add_store_error(store::state which, std::string_view text, std::string_view route) {
  const std::lock_guard lock(mutex_);
  ++status_.store_errors;
  metrics_.count_store_error(which);
  if (!troubles_.add(which, text, route, base::steady::now(), wall_clock())) return;
  show_troubles();
  metrics_.set_store_state(which, true);
  shared_trouble_log().begin(store_, status_.name, troubles_.current().back());
}

void record::count_store_error(store::state cause) {
  const std::lock_guard lock(mutex_);
  ++status_.store_errors;
  metrics_.count_store_error(cause);
}

void record::end_store_trouble(store::state which) {
  const std::lock_guard lock(mutex_);
  if (const auto over = troubles_.end(which)) close_trouble(*over);
}

void record::distrust_probes(store::state which) {
  const std::lock_guard lock(mutex_);
  troubles_.distrust_probes(which);
}

std::vector<store_trouble> record::store_troubles() const {
  const std::lock_guard lock(mutex_);
  return troubles_.current();
}

void record::close_trouble(const store_trouble& over) {
  show_troubles();
  metrics_.set_store_state(over.state, false);
  shared_trouble_log().end(store_, status_.name, over);
}

void record::show_troubles() { in_trouble_.store(!troubles_.empty(), std::memory_order_relaxed); }

void record::report_overrun() {
  const auto items = std::exchange(unreported_overrun_, 0);
  if (items > 0)
    base::log(
        base::events::turns_exceeded, status_.name,
        fmt::format(
            "its plugin acts on more items than its turns allow: {} too many in cycle {}, early visits before it included; it has to ask for a turn before each page (next_page), and to act on at most as many candidates as the answer allows",
            items, status_.cycles));
}

void record::add_cpu_time(std::chrono::nanoseconds spent) {
  const std::lock_guard lock(mutex_);
  status_.cpu_time += spent;
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(spent).count();
  cpu_microseconds_.add(static_cast<std::uint64_t>(microseconds), base::steady::now());
  metrics_.add_cpu_time(spent);
}

void record::set_memory(std::uint64_t generation, std::optional<std::int64_t> bytes) {
  const std::lock_guard lock(mutex_);
  if (speaks(generation)) show_memory(bytes);
}

void record::show_memory(std::optional<std::int64_t> bytes) {
  status_.memory_bytes = bytes;
  if (bytes) metrics_.set_memory(*bytes);
}

void record::watch_memory(const cycle_report& report, std::int64_t bytes) {
  const auto work = std::max(report.counts.processed + report.counts.skipped, report.backlog.value_or(0));
  const bool grew = growth_.current().has_value();
  growth_.add({base::steady::now(), bytes, work});
  show_growth();
  if (const auto& growth = growth_.current(); growth && (!grew || bytes >= next_warning_)) {
    next_warning_ = 2 * bytes;
    base::log(base::events::memory_grows, status_.name, describe_growth(*growth, bytes));
  } else if (grew && !growth) {
    base::log(base::events::memory_steady, status_.name,
              fmt::format("its memory no longer grows: {} in use", base::size_text(bytes)));
  }
}

void record::show_growth() {
  status_.memory_growth = growth_.current();
  status_.memory_rises = growth_.rises();
  metrics_.set_memory_growing(status_.memory_growth.has_value());
}

void record::set_function_wait(std::uint64_t generation, std::optional<function_wait> wait) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  metrics_.set_functions_missing(wait && wait->state == scanner_state::functions_missing);
  status_.waits_for = std::move(wait);
}

void record::set_options_refused(std::uint64_t generation, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  status_.state = scanner_state::stopped;
  status_.last_error = reason;
  remember({generation, status_.sha256, status_.plugin_version, wall_clock(), "refused", reason});
}

std::uint64_t record::count_restart(std::uint64_t generation, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return status_.restarts;
  status_.state = scanner_state::backing_off;
  status_.last_error = reason;
  growth_.begin_instance();
  show_growth();
  metrics_.count_restart();
  return ++status_.restarts;
}

void record::set_store(std::uint64_t generation, store::client_status status) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  metrics_.set_rate(status.rate);
  status_.store = std::move(status);
}

void record::set_partitions(std::uint64_t generation, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  if (!speaks(generation)) return;
  status_.partitions = count;
  metrics_.set_partitions(count);
}

void record::keep_partitions(std::uint64_t generation, const std::vector<std::string>& tags) {
  const std::lock_guard lock(mutex_);
  if (speaks(generation)) tracker_.keep_partitions(tags);
}

bool record::should_skip(std::string_view tag, std::string_view item) {
  const std::lock_guard lock(mutex_);
  return tracker_.should_skip(tag, item);
}

void record::add_failure(std::string_view tag, std::string_view item, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  count_cause(reason);
  if (!tracker_.add_failure(tag, item, reason, wall_clock())) return;
  const auto line = lines_.decide(base::steady::now());
  if (!line.write) return;
  if (line.left_out > 0)
    base::log(base::events::items_backed_off, status_.name,
              fmt::format("{} more items went into back-off", line.left_out));
  base::log(base::events::item_backed_off, status_.name,
            fmt::format("goes into back-off, item={} partition={} failures={} cycles={} reason={}", item, tag,
                        failure_tracker::threshold, failure_tracker::back_off_cycles, reason),
            {{"partition", tag}, {"item", item}, {"error", reason}});
}

// Null where no cycle is to begin; a moment that has passed is now.
std::optional<base::timestamp> record::next_cycle() const {
  const bool sweeps = status_.state == scanner_state::waiting || status_.state == scanner_state::cycling;
  if (!sweeps || !next_start_ || status_.paused || status_.waits_for) return std::nullopt;
  const auto wait = std::chrono::duration_cast<base::milliseconds>(*next_start_ - base::steady::now());
  return wall_clock() + std::max(wait, base::milliseconds(0));
}

failure_list record::failures(std::size_t max_items) const {
  const std::lock_guard lock(mutex_);
  return with_next_tries(tracker_.list(max_items));
}

failure_list record::failures_of(std::string_view item) const {
  constexpr std::size_t max_items = 100;
  const std::lock_guard lock(mutex_);
  return with_next_tries(tracker_.list_of(item, max_items));
}

failure_list record::with_next_tries(failure_list list) const {
  const auto next = next_cycle();
  for (auto& failing : list.items) {
    failing.scanner = status_.name;
    const auto rested = static_cast<std::int64_t>(std::max<std::uint64_t>(failing.cycles_left, 1) - 1);
    if (next) failing.next_try = *next + rested * status_.interval;
  }
  return list;
}

retried_items record::retry(std::optional<std::string_view> item) {
  const std::lock_guard lock(mutex_);
  return tracker_.retry(item);
}

void record::add_success(std::string_view tag, std::string_view item) {
  const std::lock_guard lock(mutex_);
  tracker_.add_success(tag, item);
}

void record::count_cause(std::string_view reason) {
  auto& causes = status_.failure_causes;
  const auto known = causes.find(reason);
  if (known != causes.end()) {
    ++known->second;
  } else {
    const bool has_room = causes.size() < scanner_status::max_causes;
    ++causes[std::string(has_room ? reason : scanner_status::other_causes)];
  }
}

repeat_filter::decision record::admit_line(std::uint64_t line, std::optional<base::steady_time> scan) {
  const std::lock_guard lock(mutex_);
  const auto now = base::steady::now();
  const auto decision = plugin_lines_.decide(line, scan.value_or(now), now);
  if (!decision.write) ++status_.repeated_lines;
  return decision;
}

}  // namespace scanhost::runner
