// SPDX-License-Identifier: Apache-2.0
//
// `run --cycles N`: every scanner runs N full cycles, back to back, all scanners at the same time; then the
// run ends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "plan/assembly.hpp"
#include "runner/record/status.hpp"

namespace scanhost::boot {

struct scanner_cycles {
  std::string name;
  std::string plugin;
  std::vector<runner::cycle_report> cycles;
};

struct cycles_outcome {
  std::vector<scanner_cycles> scanners;
  std::string hindrance;  // the states of the store that kept scanners from working; empty: none did
  int signal = 0;         // not 0: this signal ended the run early, and the reports are not complete
};

// Reports in the order of `scanners`. An error names every scanner that failed, and why. SIGINT and SIGTERM
// end the run in order; a second one ends the process.
base::result<cycles_outcome> run_cycles(plan::assembly& parts,
                                        const std::vector<config::scanner_settings>& scanners,
                                        std::uint64_t cycles, const std::string& config_file);

}  // namespace scanhost::boot
