// SPDX-License-Identifier: Apache-2.0
//
// The series that a plugin makes for itself, by the rules of "scanhost.metrics/1". They live on across
// restarts and reloads. Thread safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "metrics/registry.hpp"
#include "scanhost/ext/metrics.h"

namespace scanhost::runner {

class plugin_metrics {
 public:
  static constexpr std::size_t max_series = 1000;

  plugin_metrics(metrics::registry& registry, std::string prefix, std::string scanner);
  ~plugin_metrics();

  struct request {
    int kind = 0;
    std::string_view name;
    std::string_view help;
    std::string_view label;
    std::string_view label_value;
    std::span<const double> bounds;
  };
  // Null when a rule is broken.
  scanhost_metric* series(const request& requested);
  static void record(scanhost_metric* metric, double value);

 private:
  std::unique_ptr<scanhost_metric> make(const request& requested);

  metrics::registry& registry_;
  std::string prefix_;
  std::string scanner_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<scanhost_metric>> series_;
};

}  // namespace scanhost::runner
