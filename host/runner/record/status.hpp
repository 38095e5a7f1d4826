// SPDX-License-Identifier: Apache-2.0
//
// What a scanner publishes about itself: plain values, copied under a lock, read by admin and commands.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "runner/record/item_counts.hpp"
#include "runner/record/memory_growth.hpp"
#include "runner/record/pause_details.hpp"
#include "runner/record/store_troubles.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

// One completed cycle.
struct cycle_report {
  item_counts counts;
  std::optional<std::uint64_t> backlog;  // only when every partition gave a sample
  std::chrono::microseconds elapsed{0};
};

enum class scanner_state {
  starting,  // loading the plugin, connecting
  waiting,   // between cycles
  cycling,   // a cycle is under way
  resting,   // `enabled: auto`, and the server does not have its functions; starts by itself when it has
  functions_missing,  // the server no longer has its functions; goes on by itself when it has them again
  backing_off,        // failed; will be restarted
  stuck,              // inside one plugin call for longer than hang_timeout
  stopping,
  stopped
};

std::string_view to_text(scanner_state state) noexcept;

// Why a scanner does not sweep although nothing is wrong with it.
struct function_wait {
  scanner_state state = scanner_state::functions_missing;  // or resting
  std::string functions;                                   // "the functions a, b of the library 'x'"
  bool operator==(const function_wait&) const = default;
};

// One change of a scanner's generation, or an attempt at one.
struct generation_change {
  std::uint64_t generation = 0;  // the one that ran from then on
  std::string sha256;            // of the build that the change was about
  std::string version;           // of that build
  base::timestamp at{};
  std::string outcome;  // started, reloaded, retuned, rolled_back, refused or restarted
  std::string reason;
  bool operator==(const generation_change&) const = default;
};

struct scanner_status {
  std::string name;
  std::string plugin;
  std::string plugin_version;
  scanner_state state = scanner_state::starting;
  std::optional<function_wait> waits_for;
  std::uint64_t generation = 0;  // from 1
  std::string sha256;            // of the generation's file
  base::timestamp since{};       // when the generation began; the epoch: none has yet
  bool dry_run = false;          // what may change the store is held back
  std::uint64_t held_back = 0;   // commands since the host started
  std::uint64_t refused = 0;     // commands that its permissions do not allow, likewise
  bool paused = false;
  pause_details pause;                      // while it is paused
  bool blocked = false;                     // its build is blocked, so it is not started; last_error says why
  bool on_probation = false;                // may still go back to the build before it
  std::vector<generation_change> history;   // the oldest first
  std::optional<base::severity> log_level;  // its own, where that is not the level of the host
  base::milliseconds interval{0};
  std::string family;            // of the plugin, the one that is swept
  std::uint32_t partitions = 0;  // of that family in the current or last cycle; 0: none, or no cycle yet
  std::uint64_t cycles = 0;      // completed since the host started
  item_counts totals;            // early visits included
  std::optional<cycle_report> last_cycle;
  base::timestamp last_cycle_at{};            // when it ended; the epoch: none has
  std::optional<base::timestamp> next_cycle;  // when it is to begin; none: no cycle is planned
  std::optional<std::uint64_t> backlog;       // the last gauge that was written
  std::optional<base::milliseconds> oldest_overdue;
  std::uint64_t items_in_back_off = 0;
  std::uint64_t restarts = 0;
  std::uint64_t stuck_generations = 0;   // abandoned inside a plugin call, and still there
  std::uint64_t pinned_builds = 0;       // still mapped after their generations ended, by unload: never too
  std::string last_error;                // why it was last restarted; empty: never
  double processed_per_second = 0;       // over about the last 10 s
  std::chrono::nanoseconds cpu_time{0};  // of its threads since the host started
  double cpu_usage = 0;                  // over about the last 10 s; 1: one core
  std::optional<std::int64_t> memory_bytes;    // in use, after the last cycle or second; none: not counted
  std::optional<steady_growth> memory_growth;  // none: the memory does not grow steadily
  std::uint64_t memory_rises = 0;              // cycles in a row with a clear rise
  store::client_status store;
  std::vector<store_trouble> store_troubles;  // states of the store that keep it from working now
  std::uint64_t store_errors = 0;             // commands that failed for what the store is to blame for
  std::string failing;  // why each command of the last cycle failed; empty: not each did
  // How often items failed, by the plugin's reason; what does not fit is under other_causes.
  std::map<std::string, std::uint64_t, std::less<>> failure_causes;
  std::uint64_t repeated_lines = 0;  // of the plugin, that were held back

  static constexpr std::size_t max_causes = 16;
  static constexpr std::string_view other_causes = "other reasons";
};

}  // namespace scanhost::runner
