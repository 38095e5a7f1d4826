// SPDX-License-Identifier: Apache-2.0
//
// The series that a scanner's plugin makes for itself, by the rules of "scanhost.metrics/1". Thread safe.
//
// Instances hold series, and a reload has two instances that may hold the same one. A series ends when the
// last instance that holds it removes it, or the scanner is removed. When an instance ends, its series stay
// for the next one: those that it has not asked for by the end of its first complete cycle end then.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "metrics/registry.hpp"
#include "scanhost/detail/host_adapter.hpp"

namespace scanhost::runner {

class plugin_metrics {
 public:
  // What the handle of a plugin points to. Only the functions below look into it.
  using series_ptr = std::shared_ptr<scanhost_metric>;

  static constexpr std::size_t max_series = 1000;
  static constexpr std::size_t max_labels = 8;

  plugin_metrics(metrics::registry& registry, std::string prefix, std::string scanner);
  ~plugin_metrics();

  // The series, which has one holder more. Null: a rule is broken, or the scanner was removed.
  series_ptr hold(const detail::series_request& requested);
  // One holder less: its instance has ended.
  void release(scanhost_metric& series);
  // One holder less: its plugin takes it away.
  void remove(scanhost_metric& series);
  // Ignored once the series has ended.
  void record(scanhost_metric& series, double value);

  // Ends the series that nobody holds.
  void end_unheld();
  // The scanner was removed: ends all, also those that a stuck instance holds. There are none from here on.
  void end_all();

 private:
  series_ptr make(const detail::series_request& requested) const;
  void end(scanhost_metric& series) const;  // with the lock held

  metrics::registry& registry_;
  const std::string prefix_;
  const std::string scanner_;
  std::mutex mutex_;
  std::map<std::string, series_ptr> series_;
  std::atomic<bool> some_unheld_{false};
  bool closed_ = false;
};

}  // namespace scanhost::runner
