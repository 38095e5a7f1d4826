// SPDX-License-Identifier: Apache-2.0
//
// What the process costs, under the metric names that every exporter uses.
#pragma once

#include <cstdint>

#include "metrics/registry.hpp"

namespace scanhost::metrics {

struct process_usage {
  double cpu_seconds = 0;  // of all threads, user and system
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;  // the soft limit
  std::uint64_t threads = 0;
};

// Of this process, now. What /proc does not tell stays 0.
process_usage read_process_usage();

class process_metrics {
 public:
  explicit process_metrics(registry& registry);

  // Reads them anew; for each scrape. One thread at a time.
  void refresh();

 private:
  counter cpu_;
  gauge resident_;
  gauge virtual_;
  gauge open_fds_;
  gauge max_fds_;
  gauge threads_;
  counter dropped_log_lines_;
};

}  // namespace scanhost::metrics
