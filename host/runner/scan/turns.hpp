// SPDX-License-Identifier: Apache-2.0
//
// Whether a pass may take its next page, and how many candidates it may act on there. Pure.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "config/settings.hpp"

namespace scanhost::runner {

struct turn_rules {
  bool drain = true;
  std::uint32_t page_size = 1;
  config::budget_settings budget;
};

// What the scans of a cycle share: acting calls and time. Between two cycles the time stands still; the
// early visits in between spend what is left of the last cycle's.
class cycle_budget {
 public:
  void cycle_starts(base::steady_time now) noexcept;
  void cycle_ends(base::steady_time now) noexcept;
  void add_calls(std::uint64_t calls) noexcept { calls_ += calls; }

  // `scan_started`: of the scan that asks; counts when no cycle is under way.
  bool spent(const config::budget_settings& limit, base::steady_time scan_started,
             base::steady_time now) const noexcept;

 private:
  bool under_way_ = false;
  base::steady_time started_{};
  base::steady::duration taken_{0};
  std::uint64_t calls_ = 0;
};

// The account of one pass of one scan.
class pass_turns {
 public:
  // The pass asks for its next page, having acted on `acted` candidates since it last asked.
  void ask(std::uint32_t acted) noexcept;

  bool first() const noexcept { return asked_ == 1; }

  // The answer to the last ask(): 0 ends the pass. The first page is always granted.
  std::uint32_t allowance(const turn_rules& rules, bool budget_spent) const noexcept;

 private:
  std::uint64_t asked_ = 0;
  std::uint64_t acted_ = 0;
  std::uint64_t idle_pages_ = 0;  // pages in which nothing was acted on
};

}  // namespace scanhost::runner
