// SPDX-License-Identifier: Apache-2.0
//
// How many scans work at the same time. A scan that only waits for its turn does not work, and makes room for
// others. Pure.
#pragma once

#include <cstdint>

#include "runner/scan/scan.hpp"

namespace scanhost::runner {

class concurrency {
 public:
  explicit concurrency(std::uint32_t limit) noexcept : limit_(limit) {}  // 0: no limit

  bool has_room() const noexcept { return limit_ == 0 || working_ < limit_; }

  // Counts the scan as working or not, by what it waits for now.
  void update(scanhost_scan& scan) noexcept {
    const bool waits = scan.turns_awaited > 0 && scan.pending == scan.turns_awaited;
    set_working(scan, !scan.over && !waits);
  }
  // One of its turns need not wait any longer: counts the scan as working, although the turn was not
  // delivered yet, so that no more scans are let through than may work at once. Precondition: it awaits one.
  void let_through(scanhost_scan& scan) noexcept {
    --scan.turns_awaited;
    update(scan);
  }
  // It can do nothing for as long as its node does not answer: does not count it until the next update().
  void set_aside(scanhost_scan& scan) noexcept { set_working(scan, false); }

 private:
  void set_working(scanhost_scan& scan, bool works) noexcept {
    if (scan.working == works) return;
    scan.working = works;
    works ? ++working_ : --working_;
  }

  std::uint32_t limit_;
  std::uint32_t working_ = 0;
};

}  // namespace scanhost::runner
