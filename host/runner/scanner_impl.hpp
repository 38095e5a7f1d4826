// SPDX-License-Identifier: Apache-2.0
//
// The inside of a scanner, for the two that change its generations: the scanner itself and a replacement.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "runner/generation/generation.hpp"
#include "runner/scanner.hpp"

namespace scanhost::runner {

// Hands the outcome of run_cycles() over once, whoever comes first: the thread, or the one that sees it
// hang.
class outcome_once {
 public:
  using receiver = std::function<void(base::result<std::vector<cycle_report>>)>;
  explicit outcome_once(receiver to) : to_(std::move(to)) {}
  void give(base::result<std::vector<cycle_report>> outcome) {
    if (!given_.exchange(true) && to_) to_(std::move(outcome));
  }

 private:
  receiver to_;
  std::atomic<bool> given_{false};
};

class scanner::impl {
 public:
  impl(plan::scanner_plan plan, plugin::loader& loader, metrics::registry& registry);

  const std::string& name() const noexcept { return name_; }
  std::shared_ptr<const plan::scanner_plan> plan() const;
  scanner_status status() const { return record_->status(); }
  runner::record& record() noexcept { return *record_; }

  void run(run_mode mode, outcome_once::receiver on_done);
  void request_stop();
  stop_outcome join(base::steady_time deadline, base::milliseconds grace);
  void tick(base::steady_time now);
  void pause(bool paused);
  void run_now();

  // --- for a replacement

  bool stopping() const;
  // Beside the one that runs. Throws std::system_error when there can be no more threads.
  std::shared_ptr<generation> make_beside(std::shared_ptr<const plan::scanner_plan> plan);
  // From here on the running one is not made anew, whatever becomes of it. Null: none runs.
  std::shared_ptr<generation> retire();
  // The new one runs from here on. What `old` is by now: ended, or else left behind. False: the scanner is
  // being stopped, and nothing was done.
  bool succeed(const std::shared_ptr<generation>& old, std::shared_ptr<generation> next,
               std::shared_ptr<const plan::scanner_plan> plan, std::string outcome, std::string reason);
  void keep_behind(std::shared_ptr<generation> generation, const std::string& why);

 private:
  void start_generation(base::milliseconds first_delay, std::string outcome, std::string reason);
  void wait_for_last(base::steady_time deadline, base::milliseconds grace);
  void leave_behind();
  void put_behind(std::shared_ptr<generation> generation);
  void reap();

  const std::string name_;
  plugin::loader& loader_;
  metrics::registry& registry_;
  std::shared_ptr<runner::record> record_;

  mutable std::mutex mutex_;
  std::shared_ptr<const plan::scanner_plan> plan_;
  run_mode mode_;
  std::shared_ptr<outcome_once> outcome_;
  std::shared_ptr<generation> current_;
  std::vector<std::shared_ptr<generation>> left_behind_;
  std::string hung_;  // why there is no current one
  bool retiring_ = false;
  bool stopping_ = false;
};

}  // namespace scanhost::runner
