// SPDX-License-Identifier: Apache-2.0
//
// The demo's result, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "check.hpp"
#include "status.hpp"

namespace scanhost::demo {

struct demo_result {
  std::string server_name;
  std::string server_version;
  std::vector<scanner_status> scanners;
  bool counted = true;  // the scanners' counters are known
  check_result check;
  bool host_ended_well = false;
  bool interrupted = false;
};

// The lateness that this part of the records did not exceed, ms; 0 where there are none. Sorts them.
std::int64_t lateness_at(std::vector<std::int64_t>& lateness, double part);

std::string json_of(const demo_result& result);     // one object, one line
std::string summary_of(const demo_result& result);  // some lines
int exit_code_of(const demo_result& result);

}  // namespace scanhost::demo
