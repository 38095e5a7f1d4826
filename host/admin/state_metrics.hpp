// SPDX-License-Identifier: Apache-2.0
//
// The series that say what state each scanner is in. They are brought up to date before each exposition, so
// that nothing is paid for them where work is done.
//
// Threads: the control thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metrics/registry.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

class state_metrics {
 public:
  explicit state_metrics(metrics::registry& registry) : registry_(registry) {}

  // The series of scanners that are not in the list end.
  void refresh(const std::vector<runner::scanner_status>& scanners);

 private:
  struct series {
    std::vector<metrics::gauge> states;  // as all_states
    metrics::gauge ready;
    metrics::gauge paused;
    metrics::gauge last_cycle;
    std::vector<metrics::counter> reloads;  // there from the start, so that their first increase is seen
  };
  series create(const std::string& scanner);
  void end(const series& ended);

  metrics::registry& registry_;
  std::map<std::string, series> scanners_;
};

}  // namespace scanhost::admin
