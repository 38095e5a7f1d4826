// SPDX-License-Identifier: Apache-2.0
#include "runner/record/plugin_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "metrics/name_rules.hpp"

struct scanhost_metric {
  int kind;
  std::variant<scanhost::metrics::counter, scanhost::metrics::gauge, scanhost::metrics::histogram> handle;
};

namespace scanhost::runner {

namespace {

// Prometheus allows a colon in the name of a metric; the contract with plugins (ext/metrics.h) does not.
bool is_metric_name(std::string_view text) {
  return text.find(':') == std::string_view::npos && metrics::valid_metric_name(text);
}

bool is_ascending(std::span<const double> bounds) noexcept {
  return std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
}

bool labels_allowed(std::span<const scanhost_field> labels) {
  if (labels.size() > plugin_metrics::max_labels) return false;
  std::set<std::string_view> names{"scanner", "le"};
  return std::ranges::all_of(labels, [&](const scanhost_field& label) {
    return metrics::valid_label_name(view(label.name)) && names.insert(view(label.name)).second;
  });
}

bool allowed(const detail::series_request& requested) {
  if (!is_metric_name(requested.name)) return false;
  if (!labels_allowed(requested.labels)) return false;
  if (requested.kind == SCANHOST_METRIC_HISTOGRAM)
    return !requested.bounds.empty() && is_ascending(requested.bounds);
  return requested.kind == SCANHOST_METRIC_COUNTER || requested.kind == SCANHOST_METRIC_GAUGE;
}

}  // namespace

plugin_metrics::plugin_metrics(metrics::registry& registry, std::string prefix, std::string scanner)
    : registry_(registry), prefix_(std::move(prefix)), scanner_(std::move(scanner)) {}
plugin_metrics::~plugin_metrics() = default;

scanhost_metric* plugin_metrics::series(const detail::series_request& requested) {
  if (!allowed(requested)) return nullptr;
  std::string key(requested.name);
  for (const auto& label : requested.labels)
    key.append(1, '\0').append(view(label.name)).append(1, '\0').append(view(label.value));
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(key);
  if (found != series_.end()) return found->second->kind == requested.kind ? found->second.get() : nullptr;
  if (series_.size() >= max_series) return nullptr;
  auto metric = make(requested);
  if (!metric) return nullptr;
  return series_.emplace(std::move(key), std::move(metric)).first->second.get();
}

std::unique_ptr<scanhost_metric> plugin_metrics::make(const detail::series_request& requested) try {
  const auto name = prefix_ + std::string(requested.name);
  const std::string help(requested.help);
  metrics::labels labels{{"scanner", scanner_}};
  for (const auto& label : requested.labels) labels.emplace(view(label.name), view(label.value));
  auto metric = std::make_unique<scanhost_metric>();
  metric->kind = requested.kind;
  if (requested.kind == SCANHOST_METRIC_COUNTER) metric->handle = registry_.counter(name, help, labels);
  if (requested.kind == SCANHOST_METRIC_GAUGE) metric->handle = registry_.gauge(name, help, labels);
  if (requested.kind == SCANHOST_METRIC_HISTOGRAM)
    metric->handle =
        registry_.histogram(name, help, labels, {requested.bounds.begin(), requested.bounds.end()});
  return metric;
} catch (const std::invalid_argument&) {
  return nullptr;
}

void plugin_metrics::record(scanhost_metric* metric, double value) {
  if (metric == nullptr || !std::isfinite(value)) return;
  if (auto* counter = std::get_if<metrics::counter>(&metric->handle)) {
    if (value >= 0) counter->add(value);
  } else if (auto* gauge = std::get_if<metrics::gauge>(&metric->handle)) {
    gauge->set(value);
  } else if (auto* histogram = std::get_if<metrics::histogram>(&metric->handle)) {
    histogram->observe(value);
  }
}

}  // namespace scanhost::runner
