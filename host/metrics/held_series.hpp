// SPDX-License-Identifier: Apache-2.0
//
// The host's series of one owner, which end with it unless others hold them as well, or they are kept.
#pragma once

#include <tuple>
#include <vector>

#include "metrics/registry.hpp"

namespace scanhost::metrics {

class held_series {
 public:
  // The registry has to outlive it.
  explicit held_series(metrics::registry& registry) noexcept : registry_(registry) {}
  ~held_series() {
    if (kept_) return;
    std::apply([this](const auto&... kinds) { (release(kinds), ...); }, held_);
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
    std::get<std::vector<Series>>(held_).push_back(series);
    return series;
  }

 private:
  template <class Series>
  void release(const std::vector<Series>& kind) {
    for (const auto& series : kind) registry_.release(series);
  }

  metrics::registry& registry_;
  bool kept_ = false;
  std::tuple<std::vector<metrics::counter>, std::vector<metrics::gauge>, std::vector<metrics::histogram>>
      held_;
};

}  // namespace scanhost::metrics
