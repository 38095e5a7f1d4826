// SPDX-License-Identifier: Apache-2.0
//
// What a generation does on its thread: opens its library, creates an instance, drives its cycles and early
// visits, and recreates the instance when it failed.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "plugin/library.hpp"
#include "plugin/loader.hpp"
#include "runner/generation/alarm.hpp"
#include "runner/generation/explainer.hpp"
#include "runner/generation/function_needs.hpp"
#include "runner/generation/memory_meter.hpp"
#include "runner/generation/run_mode.hpp"
#include "runner/generation/schedule.hpp"
#include "runner/generation/shared_state.hpp"
#include "runner/generation/store_probe.hpp"
#include "runner/generation/sweep.hpp"
#include "runner/instance/instance.hpp"
#include "runner/instance/plugin_calls.hpp"
#include "runner/lent/services.hpp"
#include "runner/scan/scans.hpp"
#include "runner/scan/wake_signal.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class sweeper {
 public:
  // On the generation's thread.
  sweeper(shared_state& shared, plugin::loader& loader, metrics::registry& registry, run_mode mode);

  // Runs until the end. `library` outlives this call: it is closed after the thread was joined.
  base::result<reports> run(std::unique_ptr<plugin::library>& library);

  // On this thread, posted by others.
  void begin_stop();
  void cancel();
  void publish();
  void wake() { wake_.raise(); }
  void apply_pause();      // or its end: the record knows which
  void apply_functions();  // what the server has may have changed
  void run_now();
  void explain(item_question question);

 private:
  void run_until_end(std::unique_ptr<plugin::library>& library, std::optional<base::error>& problem);
  std::optional<base::error> open(std::unique_ptr<plugin::library>& library);
  std::optional<base::error> run_instance(const plugin::library& library);
  std::optional<base::error> run_loop();
  std::optional<base::error> check_store();
  void ask_for_troubles();
  void go_on_after_trouble();
  void wait_at_gate();
  void import_state();
  void export_state();
  void log_lost_state(std::string_view text, const std::string& problem) const;
  void await_other_options(const std::string& reason);
  void back_off(const std::string& reason);
  void warn_without_count() const;
  void check_memory_limit();
  void log_function_wait(const std::optional<function_wait>& before) const;
  bool halted() const { return shared_.record->paused() || needs_.wait(); }
  void apply_halt() { halted() ? scans_.halt() : scans_.resume(); }
  bool leaving() const;
  void wait_for(boost::asio::steady_timer& timer);
  void step();

  shared_state& shared_;
  plugin::loader& loader_;
  const config::scanner_settings& settings_;
  const run_mode mode_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  wake_signal wake_;
  alarm alarm_;
  plugin_calls calls_;
  store::client client_;
  scans scans_;
  restart_wait restart_wait_;
  memory_meter memory_;
  function_needs needs_;
  sweep sweep_;
  store_probe probe_;
  services services_;
  explainer explainer_;
  std::unique_ptr<instance> instance_;
  bool at_gate_ = false;
  bool forced_ = false;  // it ends, though scans have not finished
};

}  // namespace scanhost::runner
