// SPDX-License-Identifier: Apache-2.0
//
// The problems and warnings of a configuration so far, collected so that they are reported at once. What is
// no configuration at all may have a problem on every line: only so many are kept.
#pragma once

#include <algorithm>
#include <cstddef>
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
  static constexpr std::size_t max_listed = 100;  // of each kind; then comes one that says there are more

  std::vector<diagnostic> problems;
  std::vector<diagnostic> warnings;

  void problem(int line, std::string message) { add(problems, {line, std::move(message)}, "problems"); }
  void warning(int line, std::string message) { add(warnings, {line, std::move(message)}, "warnings"); }

  // Whether further problems would be left out: looking for them is of no use.
  bool is_full() const noexcept { return problems.size() > max_listed; }

 private:
  // A global option is validated once for each scanner, but reported once.
  static void add(std::vector<diagnostic>& list, diagnostic added, const char* kind) {
    if (list.size() > max_listed || std::find(list.begin(), list.end(), added) != list.end()) return;
    if (list.size() == max_listed) added = more_than(list, kind);
    list.push_back(std::move(added));
  }

  // At the last line of those before, so that it stays behind them when they are sorted.
  static diagnostic more_than(const std::vector<diagnostic>& list, const char* kind) {
    const auto last = std::max_element(
        list.begin(), list.end(), [](const auto& left, const auto& right) { return left.line < right.line; });
    return {last->line, std::string("there are more ") + kind + " than these; correct these and check again"};
  }
};

}  // namespace scanhost::config
