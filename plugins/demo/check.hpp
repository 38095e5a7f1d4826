// SPDX-License-Identifier: Apache-2.0
//
// The final check: every record against what must have become of it, and all that is stored against the
// records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store.hpp"
#include "workload.hpp"

namespace scanhost::demo {

struct check_times {
  std::int64_t start = 0;    // before this the host changed nothing
  std::int64_t stopped = 0;  // the host had ended
  // The run was cut short: what came due may be done or not, and a record of several executions half.
  bool cut_short = false;
};

struct check_result {
  std::size_t seeded = 0;  // executions
  std::size_t due = 0;     // records that had to change
  std::size_t done = 0;    // those of them that changed correctly
  std::size_t violations = 0;
  std::vector<std::string> samples;    // the first few violations, in words
  std::vector<std::int64_t> lateness;  // ms between a record's coming due in the run and its change
};

check_result check_all(store& in, const workloads& loads, const check_times& times);

// Whether the records that came due last, and some of the others, have been done: a quick look.
bool looks_done(store& in, const workloads& loads, const check_times& times);

}  // namespace scanhost::demo
