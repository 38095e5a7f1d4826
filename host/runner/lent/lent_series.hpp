// SPDX-License-Identifier: Apache-2.0
//
// The metric series that one instance holds. A handle that it does not hold, such as one that it removed, is
// ignored. On the scanner's thread.
#pragma once

#include <unordered_map>

#include "runner/record/plugin_metrics.hpp"

namespace scanhost::runner {

class lent_series {
 public:
  explicit lent_series(plugin_metrics& metrics) noexcept : metrics_(metrics) {}
  ~lent_series() { release_all(); }
  lent_series(const lent_series&) = delete;
  lent_series& operator=(const lent_series&) = delete;

  // Null when a rule is broken.
  scanhost_metric* series(const detail::series_request& requested);
  void record(scanhost_metric* series, double value);
  void remove(scanhost_metric* series);
  // The instance has ended.
  void release_all();

 private:
  plugin_metrics& metrics_;
  std::unordered_map<const scanhost_metric*, plugin_metrics::series_ptr> held_;
};

}  // namespace scanhost::runner
