// SPDX-License-Identifier: Apache-2.0
//
// One configured scanner, as the control thread sees it. It owns what outlives a generation (failure tracker,
// totals, metric handles: the record) and the generation that runs: one thread, one event loop, one set of
// connections, one instance.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "plan/scanner_plan.hpp"
#include "runner/generation/run_mode.hpp"
#include "runner/record/failing_items.hpp"
#include "runner/record/item_explanation.hpp"
#include "runner/record/status.hpp"

namespace scanhost::plugin {
class loader;
}

namespace scanhost::metrics {
class registry;
}

namespace scanhost::runner {

class generation;
class record;

enum class stop_outcome { stopped, stuck };

class scanner {
 public:
  using on_reports = std::function<void(base::result<reports>)>;

  scanner(plan::scanner_plan plan, plugin::loader& loader, metrics::registry& registry);
  ~scanner();  // stops it, waiting at most a moment
  scanner(const scanner&) = delete;
  scanner& operator=(const scanner&) = delete;

  const std::string& name() const noexcept { return name_; }

  // Starts to run as a service; the first cycle begins after `first_delay`. What fails from now on is
  // retried with back-off and shown in status(). The history gets `outcome` and `reason`.
  void start(base::milliseconds first_delay, std::string outcome = "started", std::string reason = {});

  // Instead of start(): exactly `cycles` full cycles, back to back, without the interval and without
  // early visits. `on_done` is called once, on the scanner's thread, with a report for each cycle, or with
  // the error that ended it (plugin failed, store not reachable).
  void run_cycles(std::uint64_t cycles, on_reports on_done);

  // Asks it to stop: no new scan starts, running ones stop at their next turn. Any thread; idempotent.
  void request_stop();

  // Waits for the end until `deadline`; then cancels what still runs and waits `grace` more. `stuck`: its
  // thread is inside a plugin call and was abandoned.
  stop_outcome join(base::steady_time deadline, base::milliseconds grace);

  // The control thread calls this about once a second. It refreshes status(); when the scanner's thread hangs
  // inside a plugin call (`hang_timeout`), it abandons that generation and starts a new one, unless the build
  // is on probation.
  void tick(base::steady_time now);

  // No cycle and no early visit starts until the pause is over; scans under way end at their next turn, and
  // their cycle is discarded. `details`: of a pause, for the status and the log; of its end, `by` and
  // `reason` go into the log. A second pause replaces the details of the first. Any thread.
  void set_paused(bool paused, const pause_details& details = {});
  bool paused() const;
  // The level of its log lines until the host ends or a reload changes its `log_level`. None: the configured
  // one. Any thread.
  void set_log_level(std::optional<base::severity> level);
  // What is known of the server's functions has changed (plan::server_functions). Any thread.
  // It is removed: its series end with it.
  void end_series();
  void apply_functions();
  // A cycle starts at once, or after the one that is under way. Any thread.
  void run_now();

  // What people learn of its failing items: at most `max_items` of them. Never waits for the plugin. Any
  // thread.
  failure_list failures(std::size_t max_items) const;
  // Those of one item, in all partitions; at most 100.
  failure_list failures_of(std::string_view item) const;
  // Has its plugin asked where the item stands. Nothing is answered while its thread hangs: who asks waits
  // until the question's deadline at most. Any thread.
  void explain(item_question question);
  // Takes items out of back-off, all if none is named, and starts a cycle as run_now() does. Any thread.
  retried_items retry(std::optional<std::string_view> item);

  // The plan that it runs. Any thread.
  std::shared_ptr<const plan::scanner_plan> plan() const;
  // Its history from before, of an earlier host or scanner of that name; before it is started.
  void recall(std::vector<generation_change> history);
  // Adds to its history an attempt to replace its build that changed nothing. Any thread.
  void add_refusal(const std::string& sha256, std::string reason);
  // Its build is blocked, so it is not started; status() says why.
  void set_blocked(const std::string& reason);
  void set_probation(bool on_probation);
  // Takes a plan that differs in the log level alone. What runs goes on.
  void adjust(plan::scanner_plan plan, const std::string& reason);
  // It was removed, and has been joined: the series of its plugin end.
  void end_metrics();

  // Any thread.
  scanner_status status() const;

  // --- for a replacement

  bool stopping() const;
  // A new generation beside the one that runs, held at its gate. Throws std::system_error when there can be
  // no more threads.
  std::shared_ptr<generation> start_beside(std::shared_ptr<const plan::scanner_plan> plan);
  // From here on the running generation is not restarted even if it hangs. Null: none runs.
  std::shared_ptr<generation> begin_replacement();
  // The next generation runs from here on; an old one that has not ended is abandoned. False: the scanner is
  // being stopped, and nothing was done.
  bool replace(const std::shared_ptr<generation>& old, std::shared_ptr<generation> next,
               std::shared_ptr<const plan::scanner_plan> plan, std::string outcome, std::string reason);
  void abandon(std::shared_ptr<generation> stuck, const std::string& why);
  void count_pinned();

 private:
  class single_receiver;

  void run(run_mode mode, on_reports on_done, std::string outcome, std::string reason);
  void start_generation(base::milliseconds first_delay, std::string outcome, std::string reason);
  void wait_for_current(base::steady_time deadline, base::milliseconds grace);
  bool may_restart() const;  // with the lock held
  void abandon_current();
  void abandon(std::shared_ptr<generation> stuck);  // with the lock held
  void join_abandoned();
  void record_cpu_time();

  const std::string name_;
  plugin::loader& loader_;
  metrics::registry& registry_;
  const std::shared_ptr<record> record_;

  mutable std::mutex mutex_;
  std::shared_ptr<const plan::scanner_plan> plan_;
  run_mode mode_;
  std::shared_ptr<single_receiver> receiver_;
  std::shared_ptr<generation> current_;
  std::vector<std::shared_ptr<generation>> abandoned_;
  std::string hang_reason_;  // why there is no current generation
  bool replacing_ = false;
  bool stopping_ = false;
};

}  // namespace scanhost::runner
