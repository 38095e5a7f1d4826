// SPDX-License-Identifier: Apache-2.0
//
// The series that a plugin makes for itself.
#include "runner/plugin_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

struct scanhost_metric {
  int kind;
  std::variant<scanhost::metrics::counter, scanhost::metrics::gauge, scanhost::metrics::histogram> handle;
};

namespace scanhost::runner {

namespace {

bool is_name(std::string_view text) noexcept {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto good = [letter](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), good);
}

bool is_ascending(std::span<const double> bounds) noexcept {
  return std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
}

bool allowed(const plugin_metrics::request& wanted) noexcept {
  if (!is_name(wanted.name)) return false;
  if (!wanted.label.empty() && (!is_name(wanted.label) || wanted.label == "scanner" || wanted.label == "le"))
    return false;
  if (wanted.kind == SCANHOST_METRIC_HISTOGRAM) return !wanted.bounds.empty() && is_ascending(wanted.bounds);
  return wanted.kind == SCANHOST_METRIC_COUNTER || wanted.kind == SCANHOST_METRIC_GAUGE;
}

}  // namespace

plugin_metrics::plugin_metrics(metrics::registry& registry, std::string prefix, std::string scanner)
    : registry_(registry), prefix_(std::move(prefix)), scanner_(std::move(scanner)) {}
plugin_metrics::~plugin_metrics() = default;

scanhost_metric* plugin_metrics::series(const request& wanted) {
  if (!allowed(wanted)) return nullptr;
  std::string key(wanted.name);
  key.append(1, '\0').append(wanted.label).append(1, '\0').append(wanted.label_value);
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(key);
  if (found != series_.end()) return found->second->kind == wanted.kind ? found->second.get() : nullptr;
  if (series_.size() >= most_series) return nullptr;
  auto made = make(wanted);
  if (!made) return nullptr;
  return series_.emplace(std::move(key), std::move(made)).first->second.get();
}

std::unique_ptr<scanhost_metric> plugin_metrics::make(const request& wanted) try {
  const auto name = prefix_ + std::string(wanted.name);
  const std::string help(wanted.help);
  metrics::labels labels{{"scanner", scanner_}};
  if (!wanted.label.empty()) labels.emplace(wanted.label, wanted.label_value);
  auto made = std::make_unique<scanhost_metric>();
  made->kind = wanted.kind;
  if (wanted.kind == SCANHOST_METRIC_COUNTER) made->handle = registry_.counter(name, help, labels);
  if (wanted.kind == SCANHOST_METRIC_GAUGE) made->handle = registry_.gauge(name, help, labels);
  if (wanted.kind == SCANHOST_METRIC_HISTOGRAM)
    made->handle = registry_.histogram(name, help, labels, {wanted.bounds.begin(), wanted.bounds.end()});
  return made;
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
