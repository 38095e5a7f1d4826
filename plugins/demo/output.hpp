// SPDX-License-Identifier: Apache-2.0
//
// What the demo shows while it runs, and its result, for people and for programs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "check.hpp"
#include "host.hpp"

namespace scanhost::demo {

std::string table_of(const std::vector<scanner_status>& scanners);

class progress {
 public:
  // Shows a table on standard output if that is a terminal and `json` is off; else only the steps, on
  // standard error.
  explicit progress(bool json);

  void say(const std::string& message);  // a step of the demo
  void show(const std::vector<scanner_status>& scanners, std::chrono::milliseconds elapsed,
            std::chrono::milliseconds total);

 private:
  bool table_;
  std::size_t drawn_lines_ = 0;
};

struct demo_result {
  std::string server_name, server_version;
  std::vector<scanner_status> scanners;
  bool counted = false;  // the scanners' counters are known
  check_result check;
  bool host_ended_well = false, interrupted = false;
};

// The lateness that this part of the records did not exceed, ms; 0 where there are none. Sorts them.
std::int64_t lateness_at(std::vector<std::int64_t>& lateness, double part);

std::string json_of(const demo_result& result);       // one object, one line
std::string summary_of(const demo_result& result);    // some lines
constexpr int failed = 1, interrupted_by_user = 130;  // exit codes
int exit_code_of(const demo_result& result);

}  // namespace scanhost::demo
