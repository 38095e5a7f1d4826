// SPDX-License-Identifier: Apache-2.0
//
// Is a new generation worse than the one before it? Pure: it is shown the scanner's status from time to time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runner/record/status.hpp"

namespace scanhost::reload {

struct probation_limits {
  std::uint32_t cycles = 3;         // that the new generation must complete; 0: it is not judged
  std::uint32_t error_margin = 20;  // percentage points of errors above the share of the one before
};

// The share of errors in what was worked on, 0 to 1; none: too little to say anything.
std::optional<double> share_of_errors(const runner::counts& counts) noexcept;

enum class verdict { undecided, passed, failed };

struct judgement {
  enum verdict verdict = verdict::undecided;
  std::string reason;  // of a failure
};

class probation {
 public:
  // `at_swap` is the status after the new generation took over and before it worked; `share_before` that of
  // the generation before (none: nothing is known, which counts as no errors).
  probation(probation_limits limits, std::optional<double> share_before,
            const runner::scanner_status& at_swap) noexcept;

  // Fails at a restart, when the generation was left behind stuck, and, from its first completed cycle on,
  // when its share of errors is above the share before by more than the margin. What is counted while the
  // store cannot be reached is not held against it.
  judgement judge(const runner::scanner_status& now);

 private:
  bool store_was_away(const runner::scanner_status& now) noexcept;
  bool errs_more(const runner::scanner_status& now) const noexcept;
  std::string describe_errors(const runner::scanner_status& now) const;
  runner::counts since_start(const runner::counts& totals) const noexcept;

  probation_limits limits_;
  double share_before_;
  std::uint64_t generation_;
  std::uint64_t restarts_;
  std::uint64_t cycles_;   // completed when the counting began, ...
  runner::counts totals_;  // ... and the counters then
  std::uint64_t reconnects_;
};

}  // namespace scanhost::reload
