// SPDX-License-Identifier: Apache-2.0
//
// The scans that are under way: starts them, serves what the plugin asks for them, and ends them.
//
// On the scanner's thread. Handles come from the plugin: a call with a handle that belongs to no scan under
// way is answered as invalid, but finish() and fail() with one break the contract.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/instance/instance.hpp"
#include "runner/instance/plugin_calls.hpp"
#include "runner/record/record.hpp"
#include "runner/scan/blocking_calls.hpp"
#include "runner/scan/callbacks.hpp"
#include "runner/scan/coarse_clock.hpp"
#include "runner/scan/command_batches.hpp"
#include "runner/scan/concurrency.hpp"
#include "runner/scan/instance_health.hpp"
#include "runner/scan/partition_scans.hpp"
#include "runner/scan/scan_table.hpp"
#include "runner/scan/scripts.hpp"
#include "runner/scan/swept_family.hpp"
#include "runner/scan/time_outs.hpp"
#include "runner/scan/turn_queue.hpp"
#include "runner/scan/turns.hpp"
#include "runner/scan/waits.hpp"
#include "runner/scan/wake_signal.hpp"
#include "store/client.hpp"
#include "store/gate/command_gate.hpp"

namespace scanhost::runner {

// A scan that the plugin has finished.
struct scan_end {
  std::optional<cycle_entry> entry;  // none: it was the scan of a partition
  std::uint32_t partition = 0;
  bool early = false;
  bool cancelled = false;
  bool given_up = false;        // cancelled by halt(): nobody is to blame
  bool store_at_fault = false;  // or a function missing that the plugin could count on, or a right
  std::int64_t looked_ms = 0;   // the server's clock when the plugin first asked for it, or else at its end
  scanhost_result result{};
  std::uint64_t beyond_allowance = 0;  // items that it acted on beyond its turns
};

// An explanation that the plugin has ended.
struct explanation_end {
  std::string problem;  // why it failed; empty: it did not
  bool cancelled = false;
};

class scans {
 public:
  scans(boost::asio::io_context& context, store::client& client, const plan::scanner_plan& plan,
        record& record, plugin_calls& calls, const std::atomic<bool>& abandoned, wake_signal& wake,
        std::uint64_t generation);

  // --- for the sweeper

  void use(instance* instance) noexcept { instance_ = instance; }
  bool may_start() const;
  bool idle() const noexcept { return table_.empty(); }
  // A scan of the cycle is under way at a node that answers.
  bool work_for_cycle() const;
  // Whether a scan is under way at a node of a cluster that does not answer. Such scans do not count against
  // `concurrency` until they go on.
  bool set_absent_aside();
  bool under_way(std::uint32_t partition) const noexcept { return partitions_.under_way(partition); }
  void start(const swept_family& family, std::uint32_t partition, bool early, std::uint64_t cycle);
  // There is no such partition any more. No scan of it is under way.
  void remove_partition(std::uint32_t partition) { partitions_.remove(partition); }
  // Starts the scan without a partition at the start or the end of a cycle. False: the plugin has none.
  bool start(cycle_entry entry, std::uint64_t cycle);

  // Explanations: one at a time. A serial plugin has no other scan beside it.
  bool may_explain() const { return !health_.failed() && (!serial_ || table_.empty()); }
  // `item` is copied; `reporter` lives until the end.
  void explain(const swept_family& family, std::uint32_t partition, std::uint64_t cycle,
               const std::string& item, scanhost_report_finding report, void* reporter);
  std::optional<explanation_end> take_explanation_end() noexcept {
    return std::exchange(explanation_end_, std::nullopt);
  }
  void cancel_explanation();

  // As in command_batches.
  void blame_items_for_keys() noexcept { batches_.blame_items_for_keys(); }
  command_batches::command_counts take_counts() { return batches_.take_counts(); }
  // None: there is no gate.
  std::optional<store::command_gate::report> take_gate_report() {
    return gate_ ? std::optional(gate_->take_report()) : std::nullopt;
  }

  // Grants turns, and calls the plugin back for what is due. True: something was done.
  bool step();

  // Those that have finished since the last call.
  void take_ended(std::vector<scan_end>& ended) noexcept {
    ended.clear();
    ended.swap(ended_);
  }

  // Every turn is answered with 0 from now on, and no scan starts. Scans that wait for a limit are given up.
  void halt();
  void resume();      // ... until here
  void cancel_all();  // halts, and cancels what is pending
  void drop_all();    // ends all scans; the plugin is only called to say so
  cycle_budget& budget() noexcept { return budget_; }
  instance_health& health() noexcept { return health_; }
  const instance_health& health() const noexcept { return health_; }

  // --- for the services

  std::int64_t now_ms(scanhost_scan* handle);
  std::int64_t route_now_ms(scanhost_scan* handle, std::string_view route);
  void set_data(scanhost_scan* handle, void* data);
  // The tag of its partition; null: no such scan is under way. Lives as long as the scan.
  const std::string* tag_of(scanhost_scan* handle);
  // Whether the store was to blame for one of its failed commands, or lacked a function, or the gate held one
  // back or refused it, or it was given up: then no item is.
  bool spares_items(scanhost_scan* handle);
  // The same of the scan that the plugin is called for at the moment.
  bool served_scan_spares_items() const noexcept;
  // The tag of the partition of that scan; empty: there is none, or it has none.
  std::string_view served_tag() const noexcept;
  // When that scan began; none: there is none.
  std::optional<base::steady_time> served_since() const noexcept;
  // Whether it is the scan of an explanation.
  bool explains(scanhost_scan* handle);
  // Whether it is the scan of begin_cycle.
  bool begins_cycle(scanhost_scan* handle);
  // Why these refuse; null: they do not, and the callback will come.
  const char* execute(scanhost_scan* handle, const scanhost_command* commands, std::size_t count,
                      std::size_t stride, scanhost_on_replies on_replies, void* user);
  const char* next_page(scanhost_scan* handle, std::uint32_t pass, std::uint32_t acted,
                        scanhost_on_turn on_turn, void* user);
  const char* after(scanhost_scan* handle, std::uint64_t delay_ms, scanhost_on_time on_time, void* user);
  void release(scanhost_scan* handle, const scanhost_replies* replies);
  // Scans that wait for something outside the store. Why a wait is refused; empty: it was taken.
  std::uint64_t wake_token(scanhost_scan* handle);
  std::string wait_for_wake(scanhost_scan* handle, std::uint64_t token, std::uint64_t timeout_ms,
                            scanhost_on_ready on_ready, void* user);
  std::string wait_for_descriptor(scanhost_scan* handle, int descriptor, std::uint32_t events,
                                  std::uint64_t timeout_ms, scanhost_on_ready on_ready, void* user);
  // Any thread, until `destroy` returns.
  void wake(std::uint64_t token) { waits_.wake(token); }
  bool cancelled(scanhost_scan* handle);
  void finish(scanhost_scan* handle, const scanhost_result* result);
  void fail(scanhost_scan* handle, std::string_view message);

  // The blocking forms; the loop runs meanwhile.
  // Null with a `refusal`: nothing was sent.
  const scanhost_replies* execute_and_wait(scanhost_scan* handle, const scanhost_command* commands,
                                           std::size_t count, std::size_t stride, const char*& refusal);
  std::uint32_t wait_for_page(scanhost_scan* handle, std::uint32_t pass, std::uint32_t acted);
  void pause(scanhost_scan* handle, std::uint64_t delay_ms);

  runner::scripts& scripts() noexcept { return scripts_; }

  // Whether the plugin may call the host now, on this thread.
  bool admits_calls() noexcept { return health_.admits_calls(); }

 private:
  const scanhost_scan* served_scan() const noexcept;
  scanhost_scan* find(scanhost_scan* handle);
  scanhost_scan* find_blocking(scanhost_scan* handle);
  scan_ptr add(const swept_family& family, std::uint32_t partition, bool early, std::uint64_t cycle);
  void count_start();
  void note_start(scanhost_scan& scan);
  template <class Entry>
  void call(const scan_ptr& scan, Entry entry);
  void cancel(const scan_ptr& scan);
  waits::request wait_request(scanhost_scan* handle, std::uint64_t timeout_ms, scanhost_on_ready on_ready,
                              void* user);
  void close(const scan_ptr& scan);
  void end_explanation(const scan_ptr& scan, std::string_view problem);
  std::string explain_missing_table();
  std::uint32_t acted_for_turn(scanhost_scan& scan, std::uint32_t acted) const;
  void watch_time_outs();
  void check_time_outs();

  boost::asio::io_context& context_;
  store::client& client_;
  const config::scanner_settings& settings_;
  const bool serial_;
  wake_signal& wake_;
  instance* instance_ = nullptr;

  instance_health health_;
  coarse_clock clock_;
  concurrency limit_;
  scan_table table_;
  partition_scans partitions_;
  cycle_budget budget_;
  callbacks callbacks_;
  runner::scripts scripts_;
  const plan::scanner_plan& plan_;
  const std::uint64_t generation_;
  std::unique_ptr<store::command_gate> gate_;       // null: the commands pass none
  std::unique_ptr<store::command_gate> read_gate_;  // of explanations; null: there was none yet
  command_batches batches_;
  turn_queue turns_;
  waits waits_;
  blocking_calls blocking_;

  std::vector<scan_end> ended_;
  scan_ptr explanation_;  // under way
  std::optional<explanation_end> explanation_end_;
  const scanhost_scan* inside_scan_ = nullptr;  // the scan whose entry is under way
  unsigned started_in_a_row_ = 0;
  boost::asio::steady_timer time_out_timer_;
  bool time_outs_watched_ = false;
};

}  // namespace scanhost::runner
