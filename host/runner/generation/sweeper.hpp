// SPDX-License-Identifier: Apache-2.0
//
// What a generation does on its thread: opens its library, makes an instance, drives cycles and early
// visits, and makes the instance anew when it failed.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/generation/cycle.hpp"
#include "runner/generation/early_visits.hpp"
#include "runner/generation/gate.hpp"
#include "runner/generation/restart_wait.hpp"
#include "runner/generation/schedule.hpp"
#include "runner/instance/instance.hpp"
#include "runner/instance/plugin_calls.hpp"
#include "runner/lent/services.hpp"
#include "runner/record/record.hpp"
#include "runner/scan/visits.hpp"

namespace scanhost::runner {

// How to run: as a service, or so many cycles back to back.
struct run_mode {
  std::optional<std::uint64_t> cycles;  // none: as a service
  base::milliseconds first_delay{0};    // of a service
};

using reports = std::vector<cycle_report>;

class sweeper {
 public:
  struct surroundings {
    const plan::scanner_plan& plan;
    plugin::loader& loader;
    metrics::registry& registry;
    runner::record& record;
    boost::asio::io_context& context;
    call_count& calls;
    const std::atomic<bool>& stopping;
    const std::atomic<bool>& abandoned;
    runner::gate& gate;
    std::uint64_t generation;
  };

  sweeper(const surroundings& around, run_mode mode);
  ~sweeper();

  // Until the end. `library` outlives this call: it is closed when the thread was joined.
  base::result<reports> run(std::unique_ptr<plugin::library>& library);

  // On this thread, posted by others.
  void stop_asked();
  void cancel();
  void publish();
  void released();     // by the gate
  void pause_asked();  // or the end of a pause: the record knows which
  void run_now();

 private:
  // sweeper.cpp
  std::optional<base::error> open(std::unique_ptr<plugin::library>& library);
  std::optional<base::error> check_store();
  std::optional<base::error> run_instance(const plugin::library& library);
  void wait_at_gate();
  void take_over();
  void leave_state();
  void back_off(const std::string& reason);
  void ends(scanner_state how);
  bool leaving() const;
  void wait_for(boost::asio::steady_timer& timer);
  void wake();
  void pump();
  void arm();
  std::optional<base::steady_time> next_moment() const;

  // sweeper_cycles.cpp
  bool advance();
  bool cut_short();
  bool begin_cycle(base::steady_time now);
  bool start_scans(base::steady_time now);
  bool start_early_visits(base::steady_time now);
  void start_visit(std::uint32_t partition, bool early);
  bool clock_is_fresh(std::uint32_t partition, base::steady_time now);
  void node_is_silent(std::uint32_t partition, const std::string& why);
  void ended(const visit_end& end);
  void look_ahead(const visit_end& end);
  void account(std::uint32_t partition, bool early, const scan_outcome& outcome);
  bool end_cycle(base::steady_time now);
  void report(const cycle_report& report, std::uint64_t number) const;
  void flush_counts();
  bool cycle_is_due(base::steady_time now) const;

  surroundings around_;
  const run_mode mode_;
  const config::scanner_settings& settings_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  swept_family family_;
  plugin_calls calls_;
  std::unique_ptr<store::client> client_;
  std::unique_ptr<visits> visits_;
  std::unique_ptr<services> services_;
  std::unique_ptr<instance> instance_;

  schedule schedule_;
  early_visits early_;
  restart_wait restart_wait_;
  std::optional<cycle> cycle_;
  std::deque<std::uint32_t> departing_;  // partitions to visit early, now
  std::uint64_t cycle_number_ = 0;
  bool asking_clock_ = false;
  bool silence_reported_ = false;
  struct counts uncounted_;  // not yet in the record
  base::steady_time counted_at_{};
  reports reports_;

  boost::asio::steady_timer timer_;
  std::optional<base::steady_time> armed_for_;
  bool wake_posted_ = false;
  bool at_gate_ = false;
  bool forced_ = false;
};

}  // namespace scanhost::runner
