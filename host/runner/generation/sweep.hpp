// SPDX-License-Identifier: Apache-2.0
//
// Cycles and early visits: what to scan next, and what came of it. On the generation's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/generation/count_buffer.hpp"
#include "runner/generation/cycle.hpp"
#include "runner/generation/cycle_completion.hpp"
#include "runner/generation/early_visits.hpp"
#include "runner/generation/member_listing.hpp"
#include "runner/generation/memory_meter.hpp"
#include "runner/generation/node_clocks.hpp"
#include "runner/generation/run_mode.hpp"
#include "runner/generation/schedule.hpp"
#include "runner/generation/shared_state.hpp"
#include "runner/scan/scans.hpp"
#include "runner/scan/swept_family.hpp"
#include "runner/scan/wake_signal.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class sweep {
 public:
  sweep(shared_state& shared, run_mode mode, store::client& client, scans& scans, restart_wait& restart_wait,
        wake_signal& wake, const memory_meter& memory);

  const swept_family& family() const noexcept { return family_; }
  // What the plugin names in begin_cycle.
  member_offers& offers() noexcept { return listing_.offers(); }

  // One step; false: nothing to do until something happens.
  bool advance();
  // Takes account of the scans that have ended.
  void settle();
  // Discards the cycle and the early visits that are under way. What scans have counted stays counted.
  void reset();
  void run_now();
  // The next cycle does not ask for a clock again that is told from now on.
  void take_clocks_from(base::steady_time now) noexcept { clocks_.take_from(now); }
  void flush_counts() { counts_.flush(); }
  // Held: it starts nothing, and the cycle that is under way is discarded, as in a pause.
  void set_held(bool held) noexcept { held_ = held; }

  // When advance() has something to do, even if nothing happens until then.
  std::optional<base::steady_time> next_moment() const;
  std::uint64_t cycle_number() const noexcept { return cycle_number_; }  // 0: none has begun
  bool cycle_under_way() const noexcept { return cycle_.has_value(); }
  bool all_cycles_done() const noexcept {
    return mode_.cycles && !cycle_ && reports_.size() >= *mode_.cycles;
  }
  reports take_reports() noexcept { return std::move(reports_); }

 private:
  bool cut_short();
  bool cycle_is_due(base::steady_time now) const;
  bool begin_cycle(base::steady_time now);
  void enter_cycle();
  void discard_cycle();
  void adopt(std::vector<std::string> members);
  void know_partitions();
  void end_cycle(base::steady_time now);
  void complete_cycle(base::steady_time now);
  void add_counts(const item_counts& counts);
  void settle_entry(const scan_end& end);
  bool start_scans(base::steady_time now);
  bool take_up(std::uint32_t index, base::steady_time now);
  bool take_up_waiting(base::steady_time now);
  bool start_early_visits(base::steady_time now);
  void start_scan(std::uint32_t partition, bool early);
  bool may_revisit() const;
  base::steady_time next_revisit() const;
  void revisit_others(base::steady_time now);
  bool clock_is_fresh(std::uint32_t partition, base::steady_time now);
  void fail_partitions_of(std::uint32_t partition, const std::string& node, const std::string& why);
  bool is_of_store(std::string_view refusal, std::string_view route);
  bool is_refused(std::string_view route);
  std::optional<scan_outcome> outcome_without_scan(std::uint32_t partition) const;
  void follow_nodes();
  void ask_for_nodes();
  bool nodes_are_known(base::steady_time now);
  void look_ahead(const scan_end& end);
  void account(std::uint32_t index, bool early, const scan_outcome& outcome);

  shared_state& shared_;
  const config::scanner_settings& settings_;
  const run_mode mode_;
  store::client& client_;
  scans& scans_;
  restart_wait& restart_wait_;
  wake_signal& wake_;
  swept_family family_;
  member_listing listing_;
  bool held_ = false;
  bool entering_ = false;                          // the plugin's begin_cycle is next
  bool adopted_ = false;                           // members were known before
  std::optional<std::uint32_t> known_partitions_;  // by the record

  schedule schedule_;
  early_visits early_;
  std::deque<std::uint32_t> departing_;  // partitions to visit early, now
  std::optional<cycle> cycle_;
  std::optional<cycle_entry> entry_;  // the plugin's, which is under way
  std::uint64_t cycle_number_ = 0;
  bool asking_nodes_ = false;
  bool nodes_followed_ = false;  // in this cycle
  node_clocks clocks_;
  base::steady_time last_revisit_{};
  bool revisiting_ = false;  // until these visits have begun
  std::vector<scan_end> ended_;
  count_buffer counts_;
  cycle_completion completion_;
  reports reports_;
};

}  // namespace scanhost::runner
