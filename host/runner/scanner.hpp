// SPDX-License-Identifier: Apache-2.0
//
// One configured scanner, as the control thread sees it. It owns what outlives a generation (failure
// tracker, totals, metric handles) and the generation that runs: one thread, one event loop, one set of
// connections, one instance.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "plan/scanner_plan.hpp"
#include "plugin/loader.hpp"
#include "runner/record/status.hpp"

namespace scanhost::metrics {
class registry;
}

namespace scanhost::runner {

enum class stop_outcome { stopped, stuck };

class scanner {
 public:
  scanner(plan::scanner_plan plan, plugin::loader& loader, metrics::registry& registry);
  ~scanner();  // stops it, waiting at most a moment
  scanner(const scanner&) = delete;
  scanner& operator=(const scanner&) = delete;

  const std::string& name() const noexcept;

  // Starts to run as a service; the first cycle begins after `first_delay`. What fails from now on is
  // retried with back-off and shown in status().
  void start(base::milliseconds first_delay);

  // Instead of start(): exactly `cycles` full cycles, back to back, without the interval and without
  // early visits. `on_done` is called once, on the scanner's thread, with a report for each cycle, or with
  // the error that ended it (plugin failed, store not reachable).
  void run_cycles(std::uint64_t cycles, std::function<void(base::result<std::vector<cycle_report>>)> on_done);

  // Asks it to stop: no new scan starts, running ones stop at their next turn. Any thread; idempotent.
  void request_stop() noexcept;

  // Waits for the end until `deadline`; then cancels what still runs and waits `grace` more. `stuck`: its
  // thread is inside a plugin call and was left behind.
  stop_outcome join(base::steady_time deadline, base::milliseconds grace);

  // The control thread's look at it, about once a second, in both ways of running: sees a thread that
  // hangs inside a plugin call (`hang_timeout`), leaves it behind and starts a new generation in its
  // place; refreshes status().
  void tick(base::steady_time now);

  // No cycle and no early visit starts until it is over; scans under way end at their next turn, and the
  // cycle that they are in counts for nothing. Any thread.
  void pause(bool paused);
  // A cycle starts at once, or after the one that is under way. Any thread.
  void run_now();

  // What it runs with. Any thread.
  std::shared_ptr<const plan::scanner_plan> plan() const;
  // For its history: an attempt to replace its build that changed nothing. Any thread.
  void refused(const std::string& sha256, std::string reason);
  // It is not started, and shows why: its build is blocked.
  void hold_back(const std::string& reason);
  void on_probation(bool probation);

  // Any thread.
  scanner_status status() const;

 private:
  friend class replacement;
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace scanhost::runner
