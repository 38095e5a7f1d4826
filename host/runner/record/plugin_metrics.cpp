// SPDX-License-Identifier: Apache-2.0
#include "runner/record/plugin_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>

#include "metrics/name_rules.hpp"

struct scanhost_metric {
  int kind = 0;
  std::variant<scanhost::metrics::counter, scanhost::metrics::gauge, scanhost::metrics::histogram> handle;
  std::uint32_t holders = 0;  // instances
  bool ended = false;         // the handle is not valid any more
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

bool is_allowed(const detail::series_request& requested) {
  if (!is_metric_name(requested.name)) return false;
  if (!labels_allowed(requested.labels)) return false;
  if (requested.kind == SCANHOST_METRIC_HISTOGRAM)
    return !requested.bounds.empty() && is_ascending(requested.bounds);
  return requested.kind == SCANHOST_METRIC_COUNTER || requested.kind == SCANHOST_METRIC_GAUGE;
}

std::string key_of(const detail::series_request& requested) {
  std::string key(requested.name);
  for (const auto& label : requested.labels)
    key.append(1, '\0').append(view(label.name)).append(1, '\0').append(view(label.value));
  return key;
}

}  // namespace

plugin_metrics::plugin_metrics(metrics::registry& registry, std::string prefix, std::string scanner)
    : registry_(registry), prefix_(std::move(prefix)), scanner_(std::move(scanner)) {}
plugin_metrics::~plugin_metrics() = default;

plugin_metrics::series_ptr plugin_metrics::hold(const detail::series_request& requested) {
  if (!is_allowed(requested)) return nullptr;
  const auto key = key_of(requested);
  const std::lock_guard lock(mutex_);
  if (closed_) return nullptr;
  auto found = series_.find(key);
  if (found == series_.end()) {
    if (series_.size() >= max_series) return nullptr;
    auto fresh = make(requested);
    if (!fresh) return nullptr;
    found = series_.emplace(key, std::move(fresh)).first;
  }
  if (found->second->kind != requested.kind) return nullptr;
  ++found->second->holders;
  return found->second;
}

plugin_metrics::series_ptr plugin_metrics::make(const detail::series_request& requested) const try {
  const auto name = prefix_ + std::string(requested.name);
  const std::string help(requested.help);
  metrics::labels labels{{"scanner", scanner_}};
  for (const auto& label : requested.labels) labels.emplace(view(label.name), view(label.value));
  auto metric = std::make_shared<scanhost_metric>();
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

void plugin_metrics::release(scanhost_metric& series) {
  const std::lock_guard lock(mutex_);
  if (--series.holders == 0) some_unheld_ = true;
}

void plugin_metrics::remove(scanhost_metric& series) {
  const std::lock_guard lock(mutex_);
  if (--series.holders > 0 || series.ended) return;
  end(series);
  std::erase_if(series_, [&](const auto& entry) { return entry.second.get() == &series; });
}

void plugin_metrics::end_unheld() {
  if (!some_unheld_.exchange(false)) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(series_, [this](const auto& entry) {
    if (entry.second->holders > 0) return false;
    end(*entry.second);
    return true;
  });
}

void plugin_metrics::end_all() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& [key, series] : series_) end(*series);
  series_.clear();
}

void plugin_metrics::end(scanhost_metric& series) const {
  std::visit([this](const auto& handle) { registry_.release(handle); }, series.handle);
  series.ended = true;
}

void plugin_metrics::record(scanhost_metric& series, double value) {
  if (!std::isfinite(value)) return;
  const std::lock_guard lock(mutex_);
  if (series.ended) return;
  if (auto* counter = std::get_if<metrics::counter>(&series.handle)) {
    if (value >= 0) counter->add(value);
  } else if (auto* gauge = std::get_if<metrics::gauge>(&series.handle)) {
    gauge->set(value);
  } else if (auto* histogram = std::get_if<metrics::histogram>(&series.handle)) {
    histogram->observe(value);
  }
}

}  // namespace scanhost::runner
