// SPDX-License-Identifier: Apache-2.0
#include "runner/record/scanner_metrics.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/log.hpp"

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
    base::log(base::severity::warn, scanner, fmt::format("there is no backlog gauge: {}", problem.what()));
    return {};
  }
}

}  // namespace

scanner_metrics::scanner_metrics(metrics::registry& registry, const config::description& plugin,
                                 const std::string& scanner)
    : backlog_(backlog_gauge(registry, plugin, scanner)) {
  const metrics::labels series{{"scanner", scanner}};
  const auto prefix = plugin.metric_prefix.empty() ? std::string(metrics::host_prefix) : plugin.metric_prefix;
  cycle_duration_ =
      registry.histogram(prefix + std::string(names::cycle_duration.name),
                         std::string(names::cycle_duration.help), series, metrics::duration_bounds());
  cycles_ =
      registry.counter(prefix + std::string(names::cycles.name), std::string(names::cycles.help), series);
  processed_ = registry.counter(names::processed, series);
  unchanged_ = registry.counter(names::unchanged, series);
  errors_ = registry.counter(names::errors, series);
  beyond_allowance_ = registry.counter(names::beyond_allowance, series);
  skipped_ = registry.counter(names::skipped, series);
  back_off_items_ = registry.gauge(names::backoff_items, series);
  oldest_overdue_ = registry.gauge(names::oldest_overdue, series);
  lateness_ = registry.histogram(names::lateness, series, metrics::lateness_bounds());
  partitions_ = registry.gauge(names::partitions, series);
  generation_ = registry.gauge(names::generation, series);
  restarts_ = registry.counter(names::restarts, series);
  cpu_time_ = registry.counter(names::scanner_cpu, series);
  create_memory_ = [&registry, series] { return registry.gauge(names::scanner_memory, series); };
  memory_growing_ = registry.gauge(names::memory_growing, series);
  functions_missing_ = registry.gauge(names::functions_missing, series);
  stuck_ = registry.gauge(names::stuck_generations, series);
  pinned_ = registry.gauge(names::pinned_builds, series);
}

void scanner_metrics::add(const item_counts& more) {
  if (more.processed > 0) processed_.add(static_cast<double>(more.processed));
  if (more.unchanged > 0) unchanged_.add(static_cast<double>(more.unchanged));
  if (more.errors > 0) errors_.add(static_cast<double>(more.errors));
  if (more.skipped > 0) skipped_.add(static_cast<double>(more.skipped));
  if (more.beyond_allowance > 0) beyond_allowance_.add(static_cast<double>(more.beyond_allowance));
}

void scanner_metrics::complete_cycle(const cycle_report& report,
                                     std::optional<base::milliseconds> oldest_overdue,
                                     std::uint64_t in_back_off) {
  cycle_duration_.observe(seconds(report.elapsed));
  cycles_.add();
  if (report.backlog) backlog_.set(static_cast<double>(*report.backlog));
  oldest_overdue_.set(oldest_overdue ? seconds(*oldest_overdue) : 0);
  back_off_items_.set(static_cast<double>(in_back_off));
}

void scanner_metrics::set_memory(std::int64_t bytes) {
  if (!memory_) memory_ = create_memory_();
  memory_->set(static_cast<double>(bytes));
}

void scanner_metrics::observe_lateness(base::milliseconds lateness, std::uint32_t items) {
  lateness_.observe(seconds(lateness), items);
}

}  // namespace scanhost::runner
