// SPDX-License-Identifier: Apache-2.0
//
// The registry of metrics, at the bottom: whoever counts uses it. Thread safe. A series, once made,
// lives as long as the registry, so it goes on across restarts and reloads of a scanner.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace scanhost::metrics {

using labels = std::map<std::string, std::string>;

// Handles: small, copyable, valid as long as the registry; a default-made one ignores everything.
class counter {
 public:
  counter() noexcept = default;
  explicit counter(prometheus::Counter* series) noexcept : series_(series) {}
  void add(double value = 1);
  double value() const;

 private:
  prometheus::Counter* series_ = nullptr;
};

class gauge {
 public:
  gauge() noexcept = default;
  explicit gauge(prometheus::Gauge* series) noexcept : series_(series) {}
  void set(double value);
  double value() const;

 private:
  prometheus::Gauge* series_ = nullptr;
};

class histogram {
 public:
  histogram() noexcept = default;
  explicit histogram(prometheus::Histogram* series) noexcept : series_(series) {}
  void observe(double value);

 private:
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

  // The series `name` with these labels, made when asked for the first time. Throws
  // std::invalid_argument when the name or a label is not valid, or the name has another kind already.
  metrics::counter counter(const std::string& name, const std::string& help, const labels& series);
  metrics::gauge gauge(const std::string& name, const std::string& help, const labels& series);
  metrics::histogram histogram(const std::string& name, const std::string& help, const labels& series,
                               const std::vector<double>& bounds);

  // The text exposition format, version 0.0.4.
  std::string text() const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace scanhost::metrics
