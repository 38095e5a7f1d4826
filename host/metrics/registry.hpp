// SPDX-License-Identifier: Apache-2.0
//
// The registry of metrics, for every part that counts something. Thread safe. A series continues across
// restarts and reloads of a scanner: it lives until all who asked for it have released it, or as long as the
// registry. Adds two rules that prometheus-cpp leaves to its callers: help texts are escaped, and a counter
// `x_count` beside a histogram `x` is refused, since both would write the same lines.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/names.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace scanhost::metrics {

using labels = std::map<std::string, std::string>;

// Handles: small, copyable, valid until the series is released. A default-constructed handle ignores
// everything.
class counter {
 public:
  counter() noexcept = default;
  explicit counter(prometheus::Counter* series) noexcept : series_(series) {}
  void add(double value = 1);
  double value() const;

 private:
  friend class registry;
  prometheus::Counter* series_ = nullptr;
};

class gauge {
 public:
  gauge() noexcept = default;
  explicit gauge(prometheus::Gauge* series) noexcept : series_(series) {}
  void set(double value);
  double value() const;

 private:
  friend class registry;
  prometheus::Gauge* series_ = nullptr;
};

class histogram {
 public:
  histogram() noexcept = default;
  explicit histogram(prometheus::Histogram* series) noexcept : series_(series) {}
  void observe(double value);
  // The same value `count` times.
  void observe(double value, std::uint32_t count);
  // How many observations each bucket has, the one beyond the last bound included; empty without a series.
  std::vector<std::uint64_t> bucket_counts() const;

 private:
  friend class registry;
  prometheus::Histogram* series_ = nullptr;
};

// Upper bounds in seconds for durations from 100 us to 60 s.
const std::vector<double>& duration_bounds();

// Upper bounds in seconds for lateness from 1 ms to 10 min.
const std::vector<double>& lateness_bounds();

class registry {
 public:
  registry();
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  // The series of one of the host's own metrics (metrics/names.hpp), created on the first call. Throws
  // std::invalid_argument when its kind or its labels are not those of the list.
  metrics::counter counter(const host_metric& metric, const labels& series);
  metrics::gauge gauge(const host_metric& metric, const labels& series);
  metrics::histogram histogram(const host_metric& metric, const labels& series,
                               const std::vector<double>& bounds);

  // The same for a plugin's metric. Throws std::invalid_argument when the name or a label is not valid, or
  // when the name is in use for another kind.
  metrics::counter counter(const std::string& name, const std::string& help, const labels& series);
  metrics::gauge gauge(const std::string& name, const std::string& help, const labels& series);
  metrics::histogram histogram(const std::string& name, const std::string& help, const labels& series,
                               const std::vector<double>& bounds);

  // Gives back what one of the calls above handed out. The series ends once it was released as often as it
  // was asked for; from then on no handle of it may be used.
  void release(const metrics::counter& series);
  void release(const metrics::gauge& series);
  void release(const metrics::histogram& series);

  // The text exposition format, version 0.0.4.
  std::string text() const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace scanhost::metrics
