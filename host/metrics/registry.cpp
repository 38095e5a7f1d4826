// SPDX-License-Identifier: Apache-2.0
//
// On prometheus-cpp, with the rules that it leaves to its callers: it writes help texts as they are, and
// does not see that a counter `x_count` and a histogram `x` give the same lines.
#include "metrics/registry.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <stdexcept>

#include "base/utf8.hpp"
#include "metrics/names.hpp"

namespace scanhost::metrics {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw std::invalid_argument("metric '" + name + "': " + why);
}

void check(const std::string& name, const labels& series) {
  if (!valid_metric_name(name)) refuse(name, "the name must match [a-zA-Z_:][a-zA-Z0-9_:]*");
  for (const auto& [label, value] : series) {
    if (!valid_label_name(label))
      refuse(name, "label '" + label + "' must match [a-zA-Z_][a-zA-Z0-9_]* and not begin with __");
    // Such a value would make a scraper refuse the whole page.
    if (!base::valid_utf8(value)) refuse(name, "the value of label '" + label + "' is not UTF-8");
  }
}

void check_bounds(const std::string& name, const std::vector<double>& bounds) {
  const bool rising =
      std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
  const bool finite =
      std::all_of(bounds.begin(), bounds.end(), [](double bound) { return std::isfinite(bound); });
  if (!rising || !finite) refuse(name, "the bounds of a histogram must rise and be finite");
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
  enum class kind { counter, gauge, histogram };

  prometheus::Registry metrics;

  // Remembers what `name` is; throws when one of its lines would be another metric's.
  void claim(const std::string& name, kind metric_kind) {
    const std::lock_guard guard(mutex_);
    const auto lines = lines_of(name, metric_kind);
    for (const auto& line : lines) {
      const auto found = claims_.find(line);
      if (found != claims_.end() && found->second != owner{name, metric_kind})
        refuse(name, "its name is taken: '" + found->second.name + "' is of another kind");
    }
    for (const auto& line : lines) claims_.try_emplace(line, owner{name, metric_kind});
  }

 private:
  struct owner {
    std::string name;
    kind what;
    friend bool operator==(const owner&, const owner&) = default;
  };

  static std::vector<std::string> lines_of(const std::string& name, kind metric_kind) {
    if (metric_kind != kind::histogram) return {name};
    return {name, name + "_bucket", name + "_sum", name + "_count"};
  }

  std::mutex mutex_;
  std::map<std::string, owner> claims_;
};

registry::registry() : impl_(std::make_unique<impl>()) {}
registry::~registry() = default;

metrics::counter registry::counter(const std::string& name, const std::string& help, const labels& series) {
  check(name, series);
  impl_->claim(name, impl::kind::counter);
  auto& family = prometheus::BuildCounter().Name(name).Help(escaped_help(help)).Register(impl_->metrics);
  return metrics::counter(&family.Add(series));
}

metrics::gauge registry::gauge(const std::string& name, const std::string& help, const labels& series) {
  check(name, series);
  impl_->claim(name, impl::kind::gauge);
  auto& family = prometheus::BuildGauge().Name(name).Help(escaped_help(help)).Register(impl_->metrics);
  return metrics::gauge(&family.Add(series));
}

metrics::histogram registry::histogram(const std::string& name, const std::string& help, const labels& series,
                                       const std::vector<double>& bounds) {
  check(name, series);
  check_bounds(name, bounds);
  if (series.contains("le")) refuse(name, "a histogram uses the label 'le' for its buckets");
  impl_->claim(name, impl::kind::histogram);
  auto& family = prometheus::BuildHistogram().Name(name).Help(escaped_help(help)).Register(impl_->metrics);
  return metrics::histogram(&family.Add(series, bounds));
}

std::string registry::text() const {
  return prometheus::TextSerializer().Serialize(impl_->metrics.Collect());
}

}  // namespace scanhost::metrics
