// SPDX-License-Identifier: Apache-2.0
//
// The scanners that run a new build on probation, and the builds that they can roll back to.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "plan/scanner_plan.hpp"
#include "reload/probation.hpp"
#include "runner/roster.hpp"

namespace scanhost::reload {

class probations {
 public:
  explicit probations(runner::roster& scanners) : scanners_(scanners) {}

  // The scanner runs a new build from now on. `before` and `status_before` are those of the build before.
  void begin(runner::scanner& scanner, const plan::scanner_plan& before,
             const runner::scanner_status& status_before, probation_limits limits);
  void end(runner::scanner& scanner);
  // The scanner is gone or was rolled back: there is no earlier build any more.
  void forget(const std::string& scanner);

  // The plan with the previous build; null: there is none.
  const plan::scanner_plan* previous_plan(const std::string& scanner) const;

  struct failed_build {
    std::string scanner;
    std::string sha256;
    std::string reason;
  };
  // Judges all of them and ends the probation of those that passed or failed. Returns the first that failed;
  // call it again for the next.
  std::optional<failed_build> judge();
  bool any() const noexcept { return !on_probation_.empty(); }

 private:
  struct entry {
    probation period;
    std::string sha256;
  };

  runner::roster& scanners_;
  std::map<std::string, plan::scanner_plan> previous_plans_;  // by scanner
  std::map<std::string, entry> on_probation_;                 // by scanner
};

}  // namespace scanhost::reload
