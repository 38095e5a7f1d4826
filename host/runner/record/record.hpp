// SPDX-License-Identifier: Apache-2.0
//
// What outlives a generation: failures by item, totals, metric series, and the status that others read.
//
// Thread safe. A generation that was left behind (stuck) and wakes up later may still call in here; what
// it says under its old number is ignored, so that it cannot speak for its successor.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "runner/record/failure_tracker.hpp"
#include "runner/record/plugin_metrics.hpp"
#include "runner/record/rate.hpp"
#include "runner/record/scanner_metrics.hpp"
#include "runner/record/throttle.hpp"
#include "runner/scanner.hpp"

namespace scanhost::runner {

class record {
 public:
  record(const plan::scanner_plan& plan, metrics::registry& registry);

  // --- control thread

  // The number of a generation that is to be made. A build that fails before it takes over uses one up.
  std::uint64_t reserve_generation();
  // From here on it speaks for the scanner. What the one before it counted has to be told by then.
  void takes_over(std::uint64_t generation, const plan::scanner_plan& plan, std::string outcome,
                  std::string reason);
  // An attempt that changed nothing.
  void refused(const std::string& sha256, std::string reason);
  void hold_back(const std::string& reason);
  void on_probation(bool enabled);
  void pinned();
  void pause(bool enabled);
  void stuck(std::uint64_t generation, std::uint64_t left_behind, const std::string& reason);
  void left_behind(std::uint64_t generations);
  scanner_status status() const;

  // --- any thread

  bool paused() const noexcept { return paused_.load(std::memory_order_relaxed); }

  // --- the generation's thread

  void state(std::uint64_t generation, scanner_state now);
  void loaded(std::uint64_t generation, const std::string& version, const std::string& sha256);
  // The failure counter advances; the cycle's number, from 1.
  std::uint64_t cycle_begins(std::uint64_t generation);
  void counted(std::uint64_t generation, const counts& more);
  void cycle_completed(std::uint64_t generation, const cycle_report& report,
                       std::optional<base::milliseconds> oldest_overdue);
  // The number of restarts so far.
  std::uint64_t restarted(std::uint64_t generation, const std::string& reason);
  void store_is(std::uint64_t generation, store::client_status status);
  void late(base::milliseconds lateness) { metrics_.late(lateness); }

  bool should_skip(std::string_view item);
  void failure(std::string_view item, std::string_view reason);
  void success(std::string_view item);

  plugin_metrics& series() noexcept { return series_; }

 private:
  void remember(generation_change change);
  bool speaks(std::uint64_t generation) const noexcept { return generation == status_.generation; }

  mutable std::mutex mutex_;
  scanner_status status_;
  std::atomic<bool> paused_{false};
  std::uint64_t reserved_ = 0;
  std::uint64_t cycles_begun_ = 0;
  failure_tracker tracker_;
  throttle lines_{20};
  rate processed_;
  scanner_metrics metrics_;
  plugin_metrics series_;
};

}  // namespace scanhost::runner
