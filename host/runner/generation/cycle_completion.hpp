// SPDX-License-Identifier: Apache-2.0
//
// What a completed cycle leaves: its report, for the record and the log, with what the cycles before it have
// to say to that. On the generation's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "runner/generation/cycle.hpp"
#include "runner/generation/memory_meter.hpp"
#include "runner/generation/shared_state.hpp"
#include "runner/scan/scans.hpp"
#include "runner/scan/swept_family.hpp"
#include "store/client.hpp"

namespace scanhost::runner {

class cycle_completion {
 public:
  // All of them have to outlive it.
  cycle_completion(shared_state& shared, const store::client& client, scans& scans,
                   const memory_meter& memory)
      : shared_(shared), client_(client), scans_(scans), memory_(memory) {}

  // The cycle of this number ends at `now`.
  cycle_report complete(const cycle& ended, const swept_family& family, std::uint64_t number,
                        base::steady_time now);

 private:
  cycle_report sum_up(const cycle& ended, const swept_family& family, base::steady_time now);
  std::optional<base::milliseconds> overdue(const cycle& ended, const swept_family& family);
  void report_commands();
  void report_gate();
  void log_cycle(const cycle& ended, std::uint64_t number, const cycle_report& summary) const;
  const std::string& scanner() const noexcept { return shared_.plan->settings.name; }

  shared_state& shared_;
  const store::client& client_;
  scans& scans_;
  const memory_meter& memory_;
  bool sampled_ = false;                       // a cycle gave a backlog
  std::optional<base::timestamp> oldest_due_;  // of the last cycle
};

}  // namespace scanhost::runner
