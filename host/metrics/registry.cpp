// SPDX-License-Identifier: Apache-2.0
#include "metrics/registry.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "base/utf8.hpp"
#include "metrics/name_rules.hpp"

namespace scanhost::metrics {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw std::invalid_argument(fmt::format("metric '{}': {}", name, why));
}

void check(const std::string& name, const labels& series) {
  if (!valid_metric_name(name)) refuse(name, "the name must match [a-zA-Z_:][a-zA-Z0-9_:]*");
  for (const auto& [label, value] : series) {
    if (!valid_label_name(label))
      refuse(name, fmt::format("label '{}' must match [a-zA-Z_][a-zA-Z0-9_]* and not begin with __", label));
    // A scraper would refuse the whole page because of such a value.
    if (!base::valid_utf8(value)) refuse(name, fmt::format("the value of label '{}' is not UTF-8", label));
  }
}

void check_listed(const host_metric& metric, metric_kind kind, const labels& series) {
  std::string written;
  for (const auto& [label, value] : series) written += (written.empty() ? "" : ",") + label;
  if (metric.kind != kind || metric.labels != written)
    refuse(std::string(metric.name), "its kind or its labels are not those listed in metrics/names.hpp");
}

void check_bounds(const std::string& name, const std::vector<double>& bounds) {
  const bool ascending =
      std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
  const bool finite =
      std::all_of(bounds.begin(), bounds.end(), [](double bound) { return std::isfinite(bound); });
  if (!ascending || !finite) refuse(name, "the bounds of a histogram must be finite and ascending");
}

}  // namespace

void counter::add(double value) {
  if (series_ != nullptr && std::isfinite(value) && value > 0) series_->Increment(value);
}
double counter::value() const { return series_ == nullptr ? 0 : series_->Value(); }

void gauge::set(double value) {
  if (series_ != nullptr) series_->Set(value);
}
double gauge::value() const { return series_ == nullptr ? 0 : series_->Value(); }

void histogram::observe(double value) {
  if (series_ != nullptr && !std::isnan(value)) series_->Observe(value);
}

// The bounds are asked for, so that the handle stays small: few values come in numbers.
void histogram::observe(double value, std::uint32_t count) {
  if (count == 1) return observe(value);
  if (series_ == nullptr || std::isnan(value) || count == 0) return;
  const auto buckets = series_->Collect().histogram.bucket;
  const auto bucket = std::find_if(buckets.begin(), buckets.end(),
                                   [&](const auto& candidate) { return value <= candidate.upper_bound; });
  std::vector<double> increments(buckets.size(), 0);
  increments[static_cast<std::size_t>(bucket - buckets.begin())] = count;
  series_->ObserveMultiple(increments, value * count);
}

std::vector<std::uint64_t> histogram::bucket_counts() const {
  std::vector<std::uint64_t> counts;
  if (series_ == nullptr) return counts;
  std::uint64_t below = 0;
  for (const auto& bucket : series_->Collect().histogram.bucket)
    counts.push_back(bucket.cumulative_count - std::exchange(below, bucket.cumulative_count));
  return counts;
}

const std::vector<double>& duration_bounds() {
  static const std::vector<double> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};
  return bounds;
}

const std::vector<double>& lateness_bounds() {
  static const std::vector<double> bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                          1,     2.5,    5,     10,   30,    60,   120, 300,  600};
  return bounds;
}

class registry::impl {
 public:
  prometheus::Registry metrics;

  // Remembers the kind of `name`. Throws when another metric already writes one of its lines.
  void claim(const std::string& name, metric_kind kind) {
    const std::lock_guard guard(mutex_);
    const auto lines = lines_of(name, kind);
    for (const auto& line : lines) {
      const auto found = claims_.find(line);
      if (found != claims_.end() && found->second != owner{name, kind})
        refuse(name, fmt::format("the name is in use: '{}' is of another kind", found->second.name));
    }
    for (const auto& line : lines) claims_.try_emplace(line, owner{name, kind});
  }

  // The series with these labels, added on the first call.
  template <class Metric, class... Arguments>
  Metric* add(prometheus::Family<Metric>& family, const labels& series, const Arguments&... arguments) {
    const std::lock_guard guard(mutex_);
    auto* metric = &family.Add(series, arguments...);
    auto& shared = shared_[metric];
    ++shared.users;
    shared.end = [&family, metric] { family.Remove(metric); };
    return metric;
  }

  void release(const void* metric) {
    const std::lock_guard guard(mutex_);
    const auto found = shared_.find(metric);
    if (found == shared_.end() || --found->second.users > 0) return;
    const auto end = std::move(found->second.end);
    shared_.erase(found);
    end();
  }

 private:
  struct owner {
    std::string name;
    metric_kind kind;
    friend bool operator==(const owner&, const owner&) = default;
  };

  static std::vector<std::string> lines_of(const std::string& name, metric_kind kind) {
    if (kind != metric_kind::histogram) return {name};
    return {name, name + "_bucket", name + "_sum", name + "_count"};
  }

  struct shared_series {
    std::uint64_t users = 0;
    std::function<void()> end;
  };

  std::mutex mutex_;
  std::map<std::string, owner> claims_;
  std::unordered_map<const void*, shared_series> shared_;
};

registry::registry() : impl_(std::make_unique<impl>()) {}
registry::~registry() = default;

metrics::counter registry::counter(const std::string& name, const std::string& help, const labels& series) {
  check(name, series);
  impl_->claim(name, metric_kind::counter);
  auto& family = prometheus::BuildCounter().Name(name).Help(escaped_help(help)).Register(impl_->metrics);
  return metrics::counter(impl_->add(family, series));
}

metrics::gauge registry::gauge(const std::string& name, const std::string& help, const labels& series) {
  check(name, series);
  impl_->claim(name, metric_kind::gauge);
  auto& family = prometheus::BuildGauge().Name(name).Help(escaped_help(help)).Register(impl_->metrics);
  return metrics::gauge(impl_->add(family, series));
}

metrics::histogram registry::histogram(const std::string& name, const std::string& help, const labels& series,
                                       const std::vector<double>& bounds) {
  check(name, series);
  check_bounds(name, bounds);
  if (series.contains("le")) refuse(name, "a histogram uses the label 'le' for its buckets");
  impl_->claim(name, metric_kind::histogram);
  auto& family = prometheus::BuildHistogram().Name(name).Help(escaped_help(help)).Register(impl_->metrics);
  return metrics::histogram(impl_->add(family, series, bounds));
}

metrics::counter registry::counter(const host_metric& metric, const labels& series) {
  check_listed(metric, metric_kind::counter, series);
  return counter(std::string(metric.name), std::string(metric.help), series);
}

metrics::gauge registry::gauge(const host_metric& metric, const labels& series) {
  check_listed(metric, metric_kind::gauge, series);
  return gauge(std::string(metric.name), std::string(metric.help), series);
}

metrics::histogram registry::histogram(const host_metric& metric, const labels& series,
                                       const std::vector<double>& bounds) {
  check_listed(metric, metric_kind::histogram, series);
  return histogram(std::string(metric.name), std::string(metric.help), series, bounds);
}

void registry::release(const metrics::counter& series) { impl_->release(series.series_); }
void registry::release(const metrics::gauge& series) { impl_->release(series.series_); }
void registry::release(const metrics::histogram& series) { impl_->release(series.series_); }

std::string registry::text() const {
  return prometheus::TextSerializer().Serialize(impl_->metrics.Collect());
}

}  // namespace scanhost::metrics
