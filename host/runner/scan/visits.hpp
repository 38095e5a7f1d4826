// SPDX-License-Identifier: Apache-2.0
//
// The scans that are under way: starts them, carries their commands, grants their turns, ends them. It
// stands behind the functions that a plugin is lent, and keeps their rules.
//
// On the scanner's thread. What is to be told to the plugin waits in `ready_` until step() is called
// outside of any call of the plugin.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runner/instance/instance.hpp"
#include "runner/instance/plugin_calls.hpp"
#include "runner/record/record.hpp"
#include "runner/scan/scan.hpp"
#include "runner/scan/scans.hpp"
#include "runner/scan/turns.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

// The family that is swept.
struct swept_family {
  std::string name;
  std::string tag_pattern;  // empty: no tags
  std::uint32_t count = 1;

  std::string tag(std::uint32_t partition) const;
};

struct visit_end {
  std::uint32_t partition = 0;
  bool early = false;
  bool cancelled = false;
  std::int64_t looked_ms = 0;  // the server's clock when the scan first asked for it; 0: it never did
  scanhost_result result{};
};

// For messages.
std::string name_of(const scanhost_scan& scan);

class visits {
 public:
  struct listener {
    std::function<void()> wake;  // step() has something to do
    std::function<void(const visit_end&)> ended;
  };

  visits(boost::asio::io_context& context, store::client& client, const plan::scanner_plan& plan,
         record& record, plugin_calls& calls, const std::atomic<bool>& abandoned, listener callbacks);
  ~visits();

  // --- for the sweeper

  void use(instance* instance) noexcept { instance_ = instance; }
  bool may_start() const;
  bool idle() const noexcept { return scans_.empty(); }
  bool visiting(std::uint32_t partition) const;
  void start(const swept_family& family, std::uint32_t partition, bool early, std::uint64_t cycle);

  // Hands to the plugin what is ready, and grants turns. True: something was done.
  bool step();

  void halt();        // every turn from now on is answered with 0, and no scan starts
  void resume();      // ... until here
  void cancel_all();  // ... and what is pending is cancelled
  void drop_all();    // ends all scans without a word to the plugin
  cycle_budget& budget() noexcept { return budget_; }

  // Why the scanner has to be made anew; empty: it need not.
  const std::string& broken() const noexcept { return broken_; }
  std::string take_broken();
  void break_off(std::string reason);

  // --- for the services; the scan is a handle that a plugin gave

  std::int64_t now_ms(scanhost_scan* scan);
  scanhost_status execute(scanhost_scan* scan, const scanhost_command* commands, std::size_t count,
                          std::size_t stride, scanhost_on_replies on_replies, void* user);
  void release(scanhost_scan* scan, const scanhost_replies* replies);
  scanhost_status next_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted,
                            scanhost_on_turn on_turn, void* user);
  scanhost_status after(scanhost_scan* scan, std::uint64_t delay_ms, scanhost_on_time on_time, void* user);
  bool cancelled(scanhost_scan* scan);
  void finish(scanhost_scan* scan, const scanhost_result* result);
  void fail(scanhost_scan* scan, std::string_view message);

  // The blocking forms; the loop runs meanwhile.
  const scanhost_replies* execute_and_wait(scanhost_scan* scan, const scanhost_command* commands,
                                           std::size_t count, std::size_t stride);
  std::uint32_t wait_for_page(scanhost_scan* scan, std::uint32_t pass, std::uint32_t acted);
  void pause(scanhost_scan* scan, std::uint64_t delay_ms);

  // Whether a call comes in time and on the thread that it must come on.
  bool admits_calls() noexcept;

 private:
  struct turn_request {
    scan_ptr scan;
    std::uint32_t pass = 0;
    scanhost_on_turn on_turn = nullptr;
    void* user = nullptr;
    std::optional<std::uint32_t>* answer = nullptr;  // set: a blocking call waits for it
  };
  // One callback that is due.
  struct ready_call {
    scan_ptr scan;
    scanhost_on_replies on_replies = nullptr;
    reply_batch_ptr batch;
    scanhost_on_turn on_turn = nullptr;
    std::uint32_t allowance = 0;
    scanhost_on_time on_time = nullptr;
    void* user = nullptr;
  };

  // visits.cpp
  scan_ptr find(scanhost_scan* scan);
  void count_start();
  void calls_for(const scan_ptr& scan);
  void look_at_clock();
  void mark_working(scanhost_scan& scan);
  void deliver(ready_call call);
  void close(const scan_ptr& scan);

  // visit_waits.cpp
  void cancel(const scan_ptr& scan);
  void watch_time_outs();
  void look_for_time_outs();

  // visit_blocking.cpp
  scan_ptr blocking_scan(scanhost_scan* scan);
  template <class Done>
  void run_loop_until(Done done);

  // visit_commands.cpp
  bool send(const scanhost_command* commands, std::size_t count, std::size_t stride, pending_batch pending);
  void answered(std::size_t slot, reply_batch_ptr batch);
  void cancel_batches(const scan_ptr& scan);
  void measure(const scanhost_scan& scan, const pending_batch& pending, const scanhost_replies& replies);
  std::vector<std::int64_t> known_due(const scanhost_scan& scan, const scanhost_command* commands,
                                      std::size_t count, std::size_t stride);

  // visit_turns.cpp
  bool ask(const scan_ptr& scan, std::uint32_t pass, std::uint32_t acted, turn_request request);
  std::uint32_t allowance(const turn_request& request) const;
  bool grant_turns();
  void grant(turn_request request);
  void answer(turn_request& request, std::uint32_t allowance);
  void refresh_clock_for(turn_request request);
  void answer_all_queued();

  boost::asio::io_context& context_;
  store::client& client_;
  const config::scanner_settings& settings_;
  const config::description& description_;
  record& record_;
  plugin_calls& calls_;
  const std::atomic<bool>& abandoned_;
  listener listener_;
  const std::thread::id thread_;
  instance* instance_ = nullptr;

  turn_rules rules_;
  cycle_budget budget_;
  runner::scans scans_;
  std::vector<pending_batch> batches_;  // by slot
  std::vector<std::size_t> free_slots_;
  std::vector<std::int64_t> last_visit_ms_;  // by partition
  std::vector<bool> being_visited_;          // by partition
  std::uint32_t working_ = 0;
  std::deque<ready_call> ready_;
  std::deque<turn_request> queue_;
  std::vector<turn_request> clock_waiters_;
  const scanhost_scan* inside_scan_ = nullptr;  // whose `scan` entry is under way
  scan_ptr current_;                            // the one that the plugin was called for last
  base::steady_time moment_{};                  // now, but for what the last few calls of the plugin took
  unsigned calls_since_moment_ = 0;
  boost::asio::steady_timer time_out_timer_;
  bool time_outs_watched_ = false;
  bool halted_ = false;
  unsigned started_in_a_row_ = 0;
  std::string broken_;
  std::atomic<bool> foreign_thread_{false};
};

}  // namespace scanhost::runner
