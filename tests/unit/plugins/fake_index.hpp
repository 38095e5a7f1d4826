// SPDX-License-Identifier: Apache-2.0
//
// A sorted set in memory that answers ZRANGEBYSCORE ... WITHSCORES LIMIT as the server does.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <scanhost/testing/answer.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ff::testing {

class fake_index {
 public:
  void add(double score, const std::string& member) {
    entries_.emplace_back(score, member);
    std::sort(entries_.begin(), entries_.end());
  }
  void remove(const std::string& member) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.second == member; });
  }
  bool contains(const std::string& member) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const auto& entry) { return entry.second == member; });
  }
  std::size_t size() const noexcept { return entries_.size(); }

  // `args`: of the whole command, its name first.
  template <class Args>
  scanhost::testing::value answer(const Args& args) const {
    const std::string least(args[2]);
    const bool exclusive = least.starts_with("(");
    const double lower = std::strtod(least.c_str() + (exclusive ? 1 : 0), nullptr);
    const double upper = std::strtod(std::string(args[3]).c_str(), nullptr);
    auto offset = std::stoull(std::string(args[6]));
    auto limit = std::stoull(std::string(args[7]));
    std::vector<scanhost::testing::value> found;
    for (const auto& [score, member] : entries_) {
      if (score < lower || (exclusive && score == lower) || score > upper) continue;
      if (offset > 0) {
        --offset;
      } else if (limit > 0) {
        --limit;
        found.emplace_back(member);
        found.emplace_back(text(score));
      }
    }
    return scanhost::testing::array(std::move(found));
  }

 private:
  static std::string text(double score) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.17g", score);
    return buffer;
  }

  std::vector<std::pair<double, std::string>> entries_;
};

}  // namespace ff::testing
