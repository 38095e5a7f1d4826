// SPDX-License-Identifier: Apache-2.0
//
// Carries out changes on the scanners of a host, on a thread that may wait: starts and stops scanners, and
// replaces their generations.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "plan/target.hpp"
#include "plugin/loader.hpp"
#include "reload/answer.hpp"
#include "reload/changes.hpp"
#include "reload/histories.hpp"
#include "reload/journal.hpp"
#include "reload/pauses.hpp"
#include "reload/probations.hpp"
#include "runner/replacement.hpp"
#include "runner/roster.hpp"

namespace scanhost::reload {

// A scanner that shall run another plan.
struct planned_replacement {
  std::shared_ptr<runner::scanner> scanner;
  plan::scanner_plan plan;
  std::string outcome;  // for the history: reloaded, retuned, rolled_back
  std::string reason;
};

class executor {
 public:
  // `stopping`: the host stops; waits end soon, and nothing new begins.
  executor(runner::roster& scanners, plugin::loader& loader, metrics::registry& registry, journal& journal,
           probations& probations, const pauses& pauses, const histories& histories,
           const std::atomic<bool>& stopping)
      : scanners_(scanners),
        loader_(loader),
        registry_(registry),
        journal_(journal),
        probations_(probations),
        pauses_(pauses),
        histories_(histories),
        stopping_(stopping) {}

  // Stops scanners that are not in the target, adjusts or replaces those that differ, starts new ones.
  void carry_out(const plan::target& target, const std::vector<change>& changes, probation_limits limits,
                 answer_builder& answer);

  // All of them together, or none if one of the new generations cannot be created.
  void replace_together(const std::vector<planned_replacement>& replacements, probation_limits limits,
                        answer_builder& answer);

 private:
  void adjust_changed(const plan::target& target, const std::vector<change>& changes, answer_builder& answer);
  void replace_changed(const plan::target& target, const std::vector<change>& changes,
                       probation_limits limits, answer_builder& answer);
  void finish(const planned_replacement& replacement, const plan::scanner_plan& before,
              const runner::scanner_status& status_before, const base::result<runner::replaced>& result,
              probation_limits limits, answer_builder& answer);
  void start(const plan::scanner_plan& plan, answer_builder& answer);
  void stop(const std::string& name, answer_builder& answer);

  runner::roster& scanners_;
  plugin::loader& loader_;
  metrics::registry& registry_;
  journal& journal_;
  probations& probations_;
  const pauses& pauses_;
  const histories& histories_;
  const std::atomic<bool>& stopping_;
};

}  // namespace scanhost::reload
