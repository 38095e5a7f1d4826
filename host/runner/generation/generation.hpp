// SPDX-License-Identifier: Apache-2.0
//
// One generation of a scanner, as the control thread holds it: its thread, and what keeps it alive.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "base/thread.hpp"
#include "plugin/library.hpp"
#include "plugin/loader.hpp"
#include "runner/generation/gate.hpp"
#include "runner/generation/run_mode.hpp"
#include "runner/generation/shared_state.hpp"
#include "runner/generation/sweeper.hpp"
#include "runner/instance/hang_watch.hpp"
#include "runner/record/record.hpp"

namespace scanhost::runner {

class generation : public std::enable_shared_from_this<generation> {
 public:
  using on_end = std::function<void(base::result<reports>)>;

  // `held`: once it is ready it waits until release(), and a failure ends it.
  generation(std::uint64_t number, std::shared_ptr<const plan::scanner_plan> plan, plugin::loader& loader,
             metrics::registry& registry, std::shared_ptr<record> record, bool held);
  ~generation();

  // The thread calls `end` as the last thing that it does, and keeps the generation alive until then.
  void start(run_mode mode, on_end end);

  void request_stop();
  void cancel();   // as request_stop(), and cancels the scans that are under way
  void abandon();  // it is stuck: should it wake up, it ends and reports nothing
  void publish();  // refreshes its part of the status
  void release(std::optional<plugin_state> state);
  void apply_pause() { post(&sweeper::apply_pause); }
  void apply_functions() { post(&sweeper::apply_functions); }
  void run_now() { post(&sweeper::run_now); }
  void explain(item_question question);
  runner::gate& gate() noexcept { return shared_.gate; }

  bool hangs(base::steady_time now) noexcept { return !ended() && watch_.hangs(shared_.calls.value(), now); }
  bool ended() const;
  bool wait_until(base::steady_time deadline) const;

  // Waits for the thread and closes the library, in this order: a thread_local of the plugin on a living
  // thread would pin it. `keep`: it stays mapped, as it does when a thread that the plugin started runs on.
  void join(bool keep);

  // The staged copy that it runs; empty: none is open. Once it ended.
  std::filesystem::path file() const;

  // Adds to the record the time that its thread has spent on a processor since the last call. Any thread.
  void record_cpu_time();

  std::uint64_t number() const noexcept { return shared_.number; }

 private:
  void run(run_mode mode, const on_end& end);
  void record_cpu_time(std::chrono::nanoseconds spent);  // with the lock held
  void post(void (sweeper::*action)());

  plugin::loader& loader_;
  metrics::registry& registry_;
  hang_watch watch_;
  std::unique_ptr<plugin::library> library_;
  shared_state shared_;
  std::unique_ptr<sweeper> sweeper_;  // its thread's

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool ended_ = false;
  std::chrono::nanoseconds recorded_cpu_time_{0};
  base::thread thread_;
};

}  // namespace scanhost::runner
