// SPDX-License-Identifier: Apache-2.0
//
// What outlives a generation: failures by item, totals, metric series, and the status that others read.
//
// Thread safe. A generation that was abandoned (stuck) and wakes up later may still call in here; what it
// reports under its old number is ignored, so that it cannot speak for the next one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "plan/scanner_plan.hpp"
#include "runner/record/failure_tracker.hpp"
#include "runner/record/memory_growth.hpp"
#include "runner/record/plugin_metrics.hpp"
#include "runner/record/rate.hpp"
#include "runner/record/repeat_filter.hpp"
#include "runner/record/scanner_metrics.hpp"
#include "runner/record/store_troubles.hpp"
#include "runner/record/throttle.hpp"
#include "store/gate/audit_file.hpp"

namespace scanhost::runner {

class record {
 public:
  record(const plan::scanner_plan& plan, metrics::registry& registry);
  ~record();
  record(const record&) = delete;
  record& operator=(const record&) = delete;

  // --- control thread

  // The number for a new generation. A build that fails before it runs uses one up.
  std::uint64_t reserve_generation();
  // From here on this generation speaks for the scanner. What the one before it counted has to be recorded by
  // then.
  void begin_generation(std::uint64_t generation, const plan::scanner_plan& plan, std::string outcome,
                        std::string reason);
  // What is known of the time before this record; before anything else is remembered.
  void recall(std::vector<generation_change> history);
  // An attempt to replace the build that changed nothing.
  void add_refusal(const std::string& sha256, std::string reason);
  void set_blocked(const std::string& reason);
  void set_probation(bool enabled);
  bool on_probation() const;
  void count_pinned();
  // `details`: of a pause.
  void set_paused(bool enabled, pause_details details);
  void configure_log_level(std::optional<base::severity> level);
  void set_log_level(
      std::optional<base::severity> level);  // instead of the configured one; none: the configured one
  void set_stuck(std::uint64_t generation, std::uint64_t abandoned, const std::string& reason);
  void set_abandoned(std::uint64_t generations);
  // The scanner is removed: its series end with it.
  void end_series_with_scanner();
  scanner_status status() const;
  // As in failure_tracker; never waits for the plugin.
  failure_list failures(std::size_t max_items) const;
  failure_list failures_of(std::string_view item) const;
  retried_items retry(std::optional<std::string_view> item);

  // --- any thread

  void add_cpu_time(std::chrono::nanoseconds spent);
  // A command failed for a state of the store. `text`: the server's own words. `route`: of the command.
  void add_store_error(store::state which, std::string_view text, std::string_view route);
  // The same where others say that the state began and is over.
  void count_unanswered() { count_store_error(store::state::away); }
  void count_missing_function() { count_store_error(store::state::functions_missing); }
  // The state is over. Unknown states are ignored.
  void end_store_trouble(store::state which);
  // As in store_troubles.
  void distrust_probes(store::state which);
  bool has_store_trouble() const noexcept { return in_trouble_.load(std::memory_order_relaxed); }
  std::vector<store_trouble> store_troubles() const;
  bool paused() const noexcept { return paused_.load(std::memory_order_relaxed); }

  // --- the generation's thread

  void set_state(std::uint64_t generation, scanner_state state);
  void set_build(std::uint64_t generation, const std::string& version, const std::string& sha256);
  // Advances the failure tracker; the number of the cycle, from 1.
  // `next_start`: when the one after it is to begin.
  std::uint64_t begin_cycle(std::uint64_t generation, base::steady_time next_start);
  void add_counts(std::uint64_t generation, const item_counts& more);
  // `memory`: in use at its end, in bytes; none: it is not counted. Warns when it grows steadily.
  void complete_cycle(std::uint64_t generation, const cycle_report& report,
                      std::optional<base::milliseconds> oldest_overdue, std::optional<std::int64_t> memory);
  // The same, at any other moment.
  void set_memory(std::uint64_t generation, std::optional<std::int64_t> bytes);
  // The next cycle begins at another moment than was planned.
  void set_next_start(std::uint64_t generation, base::steady_time moment);
  // What became of the cycle's commands, before complete_cycle. `failing`: why each failed; empty: not each
  // did.
  void end_commands(std::uint64_t generation, bool answered, std::string failing);
  // What the gate kept from the store since the last call, and what became of the audit of all scanners.
  void add_gate_report(std::uint64_t generation, std::uint64_t held_back, std::uint64_t refused,
                       const store::audit_file::counts& audit);
  // It does not sweep, or goes on (none).
  void set_function_wait(std::uint64_t generation, std::optional<function_wait> wait);
  // It is stopped until the options or the build change.
  void set_options_refused(std::uint64_t generation, const std::string& reason);
  // The number of restarts so far.
  std::uint64_t count_restart(std::uint64_t generation, const std::string& reason);
  void set_store(std::uint64_t generation, store::client_status status);
  void set_partitions(std::uint64_t generation, std::uint32_t count);  // of the cycle that begins
  // Of a listed family: the failures of all other partitions are forgotten.
  void keep_partitions(std::uint64_t generation, const std::vector<std::string>& tags);
  // Of one command that acted on `items` items.
  void observe_lateness(base::milliseconds lateness, std::uint32_t items) {
    metrics_.observe_lateness(lateness, items);
  }

  // Of an item in the partition with this tag.
  bool should_skip(std::string_view tag, std::string_view item);
  void add_failure(std::string_view tag, std::string_view item, std::string_view reason);
  void add_success(std::string_view tag, std::string_view item);

  // Whether to write a line of the plugin, or to hold it back since it repeats. As in
  // repeat_filter.
  repeat_filter::decision admit_line(std::uint64_t line, std::optional<base::steady_time> scan);

  plugin_metrics& series() noexcept { return series_; }

 private:
  void remember(generation_change change);
  std::optional<base::timestamp> next_cycle() const;
  failure_list with_next_tries(failure_list list) const;
  void show_memory(std::optional<std::int64_t> bytes);
  void watch_memory(const cycle_report& report, std::int64_t bytes);
  void show_growth();
  void report_overrun();
  void count_cause(std::string_view reason);
  void count_store_error(store::state cause);
  void close_trouble(const store_trouble& over);
  void show_troubles();
  void configure_level(std::optional<base::severity> level);
  void apply_level();
  bool speaks(std::uint64_t generation) const noexcept { return generation == status_.generation; }

  mutable std::mutex mutex_;
  scanner_status status_;
  std::atomic<bool> paused_{false};
  std::uint64_t reserved_ = 0;
  std::uint64_t cycles_begun_ = 0;
  std::optional<base::steady_time> next_start_;  // of a cycle
  failure_tracker tracker_;
  runner::store_troubles troubles_;
  std::atomic<bool> in_trouble_{false};
  std::string store_;  // its address, for log lines
  throttle lines_{20};
  repeat_filter plugin_lines_;
  rate processed_;
  rate cpu_microseconds_;
  memory_growth growth_;
  std::uint64_t unreported_overrun_ = 0;  // items beyond the allowance of turns
  base::scanner_log_level log_level_;
  std::optional<base::severity> configured_level_;
  std::optional<base::severity> chosen_level_;
  std::int64_t next_warning_ = 0;  // of growth: from so many bytes in use
  scanner_metrics metrics_;
  plugin_metrics series_;
};

}  // namespace scanhost::runner
