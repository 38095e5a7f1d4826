// SPDX-License-Identifier: Apache-2.0
//
// The demo's result, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "check.hpp"
#include "status.hpp"

namespace scanhost::demo {

struct outcome {
  std::string server_name;
  std::string server_version;
  std::vector<scanner_status> scanners;
  bool counted = true;  // the scanners' counters are known
  findings found;
  bool host_ended_well = false;
  bool interrupted = false;
};

// Lateness below which this part of the moments lies, ms; 0 where there are none. Sorts them.
std::int64_t lateness_at(std::vector<std::int64_t>& moments, double part);

std::string json_of(const outcome& result);     // one object, one line
std::string summary_of(const outcome& result);  // some lines
int exit_code_of(const outcome& result);

}  // namespace scanhost::demo
