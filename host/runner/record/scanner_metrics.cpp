// SPDX-License-Identifier: Apache-2.0
#include "runner/record/scanner_metrics.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/log.hpp"
#include "store/protocol/outcome.hpp"

namespace scanhost::runner {

namespace {

namespace names = metrics::names;

double seconds(std::chrono::duration<double> span) noexcept { return span.count(); }

// The gauge has the name that the plugin gives it and no label, as its users know it; further scanners
// of the same plugin have a label.
metrics::gauge backlog_gauge(metrics::registry& registry, const config::description& plugin,
                             const std::string& scanner) {
  if (plugin.backlog_gauge.empty()) return {};
  const auto series = scanner == plugin.name ? metrics::labels{} : metrics::labels{{"scanner", scanner}};
  try {
    return registry.gauge(plugin.backlog_gauge, "Entries still to be done, as sampled by a complete cycle.",
                          series);
  } catch (const std::invalid_argument& problem) {
    base::log(base::events::backlog_gauge_refused, scanner,
              fmt::format("there is no backlog gauge: {}", problem.what()), {{"error", problem.what()}});
    return {};
  }
}

}  // namespace

scanner_metrics::scanner_metrics(metrics::registry& registry, const config::description& plugin,
                                 const std::string& scanner)
    : held_(registry), backlog_(held_.hold(backlog_gauge(registry, plugin, scanner))) {
  const metrics::labels series{{"scanner", scanner}};
  cycle_duration_ = held_.histogram(names::cycle_duration, series, metrics::duration_bounds());
  cycles_ = held_.counter(names::cycles, series);
  if (!plugin.metric_prefix.empty() && plugin.metric_prefix != metrics::host_prefix)
    hold_prefixed(registry, plugin.metric_prefix, series);
  processed_ = held_.counter(names::processed, series);
  unchanged_ = held_.counter(names::unchanged, series);
  errors_ = held_.counter(names::errors, series);
  beyond_allowance_ = held_.counter(names::beyond_allowance, series);
  skipped_ = held_.counter(names::skipped, series);
  dry_run_ = held_.gauge(names::scanner_dry_run, series);
  held_back_ = held_.counter(names::held_back, series);
  refused_ = held_.counter(names::permission_refusals, series);
  audit_written_ = held_.counter(names::audit_entries, {});
  audit_dropped_ = held_.counter(names::audit_dropped, {});
  rate_limit_ = held_.gauge(names::rate_limit, series);
  rate_limit_latency_ = held_.gauge(names::rate_limit_latency, series);
  back_off_items_ = held_.gauge(names::backoff_items, series);
  oldest_overdue_ = held_.gauge(names::oldest_overdue, series);
  lateness_ = held_.histogram(names::lateness, series, metrics::lateness_bounds());
  partitions_ = held_.gauge(names::partitions, series);
  generation_ = held_.gauge(names::generation, series);
  restarts_ = held_.counter(names::restarts, series);
  cpu_time_ = held_.counter(names::scanner_cpu, series);
  create_memory_ = [this, series] { return held_.gauge(names::scanner_memory, series); };
  memory_growing_ = held_.gauge(names::memory_growing, series);
  functions_missing_ = held_.gauge(names::functions_missing, series);
  stuck_ = held_.gauge(names::stuck_generations, series);
  pinned_ = held_.gauge(names::pinned_builds, series);
  hold_store_states(series);
  hold_connection(series);
  held_.keep(true);
}

void scanner_metrics::hold_prefixed(metrics::registry& registry, const std::string& prefix,
                                    const metrics::labels& series) {
  const auto named = [&](const metrics::host_metric& metric) {
    return prefix + std::string(metric.name.substr(metrics::host_prefix.size()));
  };
  prefixed_cycle_duration_ =
      held_.hold(registry.histogram(named(names::cycle_duration), std::string(names::cycle_duration.help),
                                    series, metrics::duration_bounds()));
  prefixed_cycles_ =
      held_.hold(registry.counter(named(names::cycles), std::string(names::cycles.help), series));
}

// All from the start, so that the first increase is seen.
void scanner_metrics::hold_store_states(const metrics::labels& series) {
  for (std::size_t i = 1; i < store::state_count; ++i) {  // 0: it serves
    auto labels = series;
    labels.emplace("cause", store::label_of(static_cast<store::state>(i)));
    store_errors_[i] = held_.counter(names::store_errors, labels);
    store_states_[i] = held_.gauge(names::store_trouble, labels);
  }
}

// Those of the connection are each generation's, and continue from one to the next.
void scanner_metrics::hold_connection(const metrics::labels& series) {
  held_.gauge(names::connection_up, series);
  held_.counter(names::reconnects, series);
  held_.counter(names::rate_limit_wait, series);
  for (std::size_t kind = 0; kind < store::outcome_kinds; ++kind) {
    auto labels = series;
    labels.emplace("outcome", store::outcome_name(kind));
    held_.counter(names::commands, labels);
  }
}

void scanner_metrics::add(const item_counts& more) {
  if (more.processed > 0) processed_.add(static_cast<double>(more.processed));
  if (more.unchanged > 0) unchanged_.add(static_cast<double>(more.unchanged));
  if (more.errors > 0) errors_.add(static_cast<double>(more.errors));
  if (more.skipped > 0) skipped_.add(static_cast<double>(more.skipped));
  if (more.beyond_allowance > 0) beyond_allowance_.add(static_cast<double>(more.beyond_allowance));
}

void scanner_metrics::add_gated(std::uint64_t held_back, std::uint64_t refused) {
  if (held_back > 0) held_back_.add(static_cast<double>(held_back));
  if (refused > 0) refused_.add(static_cast<double>(refused));
}

void scanner_metrics::add_audit(std::uint64_t written, std::uint64_t dropped) {
  if (written > 0) audit_written_.add(static_cast<double>(written));
  if (dropped > 0) audit_dropped_.add(static_cast<double>(dropped));
}

void scanner_metrics::set_rate(const std::optional<store::rate_status>& rate) {
  rate_limit_.set(rate ? rate->commands_per_s : 0);
  rate_limit_latency_.set(rate && rate->latency ? seconds(*rate->latency) : 0);
}

void scanner_metrics::complete_cycle(const cycle_report& report,
                                     std::optional<base::milliseconds> oldest_overdue,
                                     std::uint64_t in_back_off) {
  cycle_duration_.observe(seconds(report.elapsed));
  cycles_.add();
  prefixed_cycle_duration_.observe(seconds(report.elapsed));
  prefixed_cycles_.add();
  if (report.backlog) backlog_.set(static_cast<double>(*report.backlog));
  oldest_overdue_.set(oldest_overdue ? seconds(*oldest_overdue) : 0);
  back_off_items_.set(static_cast<double>(in_back_off));
}

void scanner_metrics::set_memory(std::int64_t bytes) {
  if (!memory_) memory_ = create_memory_();
  memory_->set(static_cast<double>(bytes));
}

void scanner_metrics::count_store_error(store::state cause) {
  store_errors_[static_cast<std::size_t>(cause)].add();
}

void scanner_metrics::set_store_state(store::state which, bool lasts) {
  store_states_[static_cast<std::size_t>(which)].set(lasts ? 1 : 0);
}

void scanner_metrics::observe_lateness(base::milliseconds lateness, std::uint32_t items) {
  lateness_.observe(seconds(lateness), items);
}

}  // namespace scanhost::runner
