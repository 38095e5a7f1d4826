// SPDX-License-Identifier: Apache-2.0
//
// The series that the host keeps for one scanner. They outlive it, unless it is removed.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "config/description.hpp"
#include "metrics/held_series.hpp"
#include "metrics/registry.hpp"
#include "runner/record/status.hpp"
#include "store/connection/client_status.hpp"
#include "store/protocol/states.hpp"

namespace scanhost::runner {

class scanner_metrics {
 public:
  scanner_metrics(metrics::registry& registry, const config::description& plugin, const std::string& scanner);

  void add(const item_counts& more);
  void complete_cycle(const cycle_report& report, std::optional<base::milliseconds> oldest_overdue,
                      std::uint64_t in_back_off);
  void observe_lateness(base::milliseconds lateness, std::uint32_t items);
  void add_cpu_time(std::chrono::duration<double> spent) { cpu_time_.add(spent.count()); }
  // Absent until it is known for the first time.
  void set_memory(std::int64_t bytes);
  void set_memory_growing(bool grows) { memory_growing_.set(grows ? 1 : 0); }
  void set_functions_missing(bool missing) { functions_missing_.set(missing ? 1 : 0); }
  void count_store_error(store::state cause);
  void set_store_state(store::state which, bool lasts);
  void end_with_scanner() noexcept { held_.keep(false); }
  void set_dry_run(bool enabled) { dry_run_.set(enabled ? 1 : 0); }
  void add_gated(std::uint64_t held_back, std::uint64_t refused);
  void add_audit(std::uint64_t written, std::uint64_t dropped);
  void set_rate(const std::optional<store::rate_status>& rate);
  void count_restart() { restarts_.add(); }
  void set_partitions(std::uint32_t count) { partitions_.set(count); }
  void set_generation(std::uint64_t number) { generation_.set(static_cast<double>(number)); }
  void set_pinned(std::uint64_t builds) { pinned_.set(static_cast<double>(builds)); }
  void set_stuck(std::uint64_t generations) { stuck_.set(static_cast<double>(generations)); }

 private:
  void hold_prefixed(metrics::registry& registry, const std::string& prefix, const metrics::labels& series);
  void hold_store_states(const metrics::labels& series);
  void hold_connection(const metrics::labels& series);

  metrics::held_series held_;
  metrics::histogram cycle_duration_;
  metrics::counter cycles_;
  // Under the names of the plugin's prefix, as its users know them; of no effect where it has none.
  metrics::histogram prefixed_cycle_duration_;
  metrics::counter prefixed_cycles_;
  metrics::gauge backlog_;
  metrics::counter processed_;
  metrics::counter unchanged_;
  metrics::counter errors_;
  metrics::counter skipped_;
  metrics::counter beyond_allowance_;
  metrics::gauge dry_run_;
  metrics::counter held_back_;
  metrics::counter refused_;
  metrics::counter audit_written_;
  metrics::counter audit_dropped_;
  metrics::gauge rate_limit_;
  metrics::gauge rate_limit_latency_;
  metrics::gauge back_off_items_;
  metrics::gauge oldest_overdue_;
  metrics::histogram lateness_;
  metrics::gauge partitions_;
  metrics::gauge generation_;
  metrics::counter restarts_;
  metrics::counter cpu_time_;
  std::function<metrics::gauge()> create_memory_;
  std::optional<metrics::gauge> memory_;
  std::array<metrics::counter, store::state_count> store_errors_;  // by state
  std::array<metrics::gauge, store::state_count> store_states_;
  metrics::gauge memory_growing_;
  metrics::gauge functions_missing_;
  metrics::gauge stuck_;
  metrics::gauge pinned_;
};

}  // namespace scanhost::runner
