// SPDX-License-Identifier: Apache-2.0
//
// What is seen while the demo runs: a table on a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "status.hpp"

namespace scanhost::demo {

std::string table_of(const std::vector<scanner_status>& scanners);
std::string line_of(const std::vector<scanner_status>& scanners);

class progress {
 public:
  // A table on standard output if that is a terminal and `json` is off; else lines on standard error.
  explicit progress(bool json);

  void say(const std::string& message);  // a step of the demo
  // Shows the scanners, if it is time.
  void show(const std::vector<scanner_status>& scanners, std::chrono::milliseconds elapsed,
            std::chrono::milliseconds total);

 private:
  void draw(const std::string& text);

  bool table_;
  std::size_t drawn_lines_ = 0;
  std::chrono::milliseconds next_line_{0};
};

}  // namespace scanhost::demo
