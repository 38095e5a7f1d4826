// SPDX-License-Identifier: Apache-2.0
//
// Holds back the lines of a plugin that repeat from scan to scan: what it finds anew in each cycle is written
// once, and again after a day, with how often it was held back. A line that did not come for an hour is news.
// What comes several times in one scan is no finding: only its first line is held back. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/clock.hpp"

namespace scanhost::runner {

class repeat_filter {
 public:
  static constexpr std::chrono::hours silence{24};  // until a line that goes on is written again
  static constexpr std::chrono::hours memory{1};    // of a line that did not come again
  static constexpr std::size_t max_lines = 16'384;  // that are known; with more it begins anew

  struct decision {
    bool write = false;
    std::uint64_t held_back = 0;  // how often, since the line was last written
  };
  // `line`: a hash of it. `scan`: when the scan began that writes it, which tells scans apart.
  decision decide(std::uint64_t line, base::steady_time scan, base::steady_time now);
  // All lines are news again.
  void reset() noexcept { lines_.clear(); }

 private:
  struct entry {
    base::steady_time written{};
    base::steady_time seen{};
    base::steady_time scan{};
    std::uint64_t held_back = 0;
  };

  void make_room(base::steady_time now);

  std::unordered_map<std::uint64_t, entry> lines_;
};

}  // namespace scanhost::runner
