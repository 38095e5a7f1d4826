// SPDX-License-Identifier: Apache-2.0
//
// The series that a plugin makes for itself, by the rules of "scanhost.metrics/1". They live on across
// restarts and reloads. Thread safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "metrics/registry.hpp"
#include "scanhost/detail/host_adapter.hpp"

namespace scanhost::runner {

class plugin_metrics {
 public:
  static constexpr std::size_t max_series = 1000;
  static constexpr std::size_t max_labels = 8;

  plugin_metrics(metrics::registry& registry, std::string prefix, std::string scanner);
  ~plugin_metrics();

  // Null when a rule is broken.
  scanhost_metric* series(const detail::series_request& requested);
  static void record(scanhost_metric* metric, double value);

 private:
  std::unique_ptr<scanhost_metric> make(const detail::series_request& requested);

  metrics::registry& registry_;
  std::string prefix_;
  std::string scanner_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<scanhost_metric>> series_;
};

}  // namespace scanhost::runner
