// SPDX-License-Identifier: Apache-2.0
//
// The problems and warnings of a configuration so far, collected so that all of them are reported at once.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace scanhost::config {

struct diagnostic {
  int line = 0;  // from 1
  std::string message;

  friend bool operator==(const diagnostic&, const diagnostic&) = default;
};

struct diagnostics {
  std::vector<diagnostic> problems;
  std::vector<diagnostic> warnings;

  void problem(int line, std::string message) { add(problems, {line, std::move(message)}); }
  void warning(int line, std::string message) { add(warnings, {line, std::move(message)}); }

 private:
  // A global option is validated once for each scanner, but reported once.
  static void add(std::vector<diagnostic>& list, diagnostic added) {
    if (std::find(list.begin(), list.end(), added) == list.end()) list.push_back(std::move(added));
  }
};

}  // namespace scanhost::config
