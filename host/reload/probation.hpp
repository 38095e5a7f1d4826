// SPDX-License-Identifier: Apache-2.0
//
// Decides whether a new generation is worse than the one before it. Pure: it is shown the scanner's status
// from time to time.
#pragma once

#include <cstdint>
#include <string>

#include "runner/record/status.hpp"

namespace scanhost::reload {

struct probation_limits {
  std::uint32_t cycles = 3;         // that the new generation must complete; 0: it is not judged
  std::uint32_t error_margin = 20;  // percentage points above the share of errors of the generation before
};

enum class probation_result { undecided, passed, failed };

struct judgement {
  probation_result result = probation_result::undecided;
  std::string reason;  // of a failure
};

class probation {
 public:
  // `at_start`: the status after the new generation replaced the one before and before it worked.
  // `before`: the status of the generation before; its share of errors counts, and whether its memory grew.
  probation(probation_limits limits, const runner::scanner_status& before,
            const runner::scanner_status& at_start) noexcept;

  // Fails at a restart, if the generation was abandoned because it is stuck, and, from its first completed
  // cycle on, if its share of errors is above the share before by more than the margin. What is counted while
  // the store cannot be reached or is in a state in which it refuses commands does not matter, nor what
  // happens while it does not have the scanner's functions. Fails also when its memory grows steadily and
  // that of the generation before did not; for this it lasts on while each cycle takes clearly more memory.
  judgement judge(const runner::scanner_status& now);

 private:
  void count_from(const runner::scanner_status& now) noexcept;
  bool store_was_at_fault(const runner::scanner_status& now) noexcept;
  bool may_grow(const runner::scanner_status& now) const noexcept;
  bool fails_more_often(const runner::scanner_status& now) const noexcept;
  std::string describe_errors(const runner::scanner_status& now) const;
  runner::item_counts since_start(const runner::item_counts& totals) const noexcept;

  probation_limits limits_;
  double share_before_;
  bool grew_before_;
  std::uint64_t generation_;
  std::uint64_t restarts_;
  std::uint64_t cycles_;        // completed when the counting began, ...
  runner::item_counts totals_;  // ... and the counters then
  std::uint64_t reconnects_;
  std::uint64_t store_errors_;
};

}  // namespace scanhost::reload
