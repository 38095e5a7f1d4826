// SPDX-License-Identifier: Apache-2.0
//
// What was found wrong or odd in a configuration so far, so that all of it is reported at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace scanhost::config {

struct finding {
  int line = 0;  // from 1
  std::string message;

  friend bool operator==(const finding&, const finding&) = default;
};

struct findings {
  std::vector<finding> problems;
  std::vector<finding> warnings;

  void problem(int line, std::string message) { add(problems, line, std::move(message)); }
  void warning(int line, std::string message) { add(warnings, line, std::move(message)); }

 private:
  // One option of many scanners is validated once for each, but is wrong once.
  static void add(std::vector<finding>& to, int line, std::string message) {
    finding candidate{line, std::move(message)};
    for (const auto& known : to)
      if (known == candidate) return;
    to.push_back(std::move(candidate));
  }
};

}  // namespace scanhost::config
