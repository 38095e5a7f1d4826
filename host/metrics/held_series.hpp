// SPDX-License-Identifier: Apache-2.0
//
// The host's series of one owner, which end with it unless others hold them as well, or they are kept.
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "metrics/registry.hpp"

namespace scanhost::metrics {

class held_series {
 public:
  // The registry has to outlive it.
  explicit held_series(metrics::registry& registry) noexcept : registry_(registry) {}
  ~held_series() {
    if (kept_) return;
    for (const auto& series : held_)
      std::visit([this](const auto& handle) { registry_.release(handle); }, series);
  }
  held_series(const held_series&) = delete;
  held_series& operator=(const held_series&) = delete;

  // From now on they stay when it ends, or (false) do not.
  void keep(bool enabled) noexcept { kept_ = enabled; }

  metrics::counter counter(const host_metric& metric, const labels& series) {
    return hold(registry_.counter(metric, series));
  }
  metrics::gauge gauge(const host_metric& metric, const labels& series) {
    return hold(registry_.gauge(metric, series));
  }
  metrics::histogram histogram(const host_metric& metric, const labels& series,
                               const std::vector<double>& bounds) {
    return hold(registry_.histogram(metric, series, bounds));
  }
  // One that was asked for already.
  template <class Series>
  Series hold(Series series) {
    held_.emplace_back(series);
    return series;
  }

 private:
  metrics::registry& registry_;
  bool kept_ = false;
  std::vector<std::variant<metrics::counter, metrics::gauge, metrics::histogram>> held_;
};

}  // namespace scanhost::metrics
