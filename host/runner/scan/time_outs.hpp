// SPDX-License-Identifier: Apache-2.0
//
// How long the host waits for a scan: it has to make progress within `scan_timeout`, and to finish within
// `hang_timeout` after it was cancelled. Pure.
#pragma once

#include "base/clock.hpp"
#include "runner/scan/scan.hpp"

namespace scanhost::runner {

struct time_outs {
  enum class overdue { nothing, progress, finish };

  base::milliseconds progress;  // scan_timeout
  base::milliseconds finish;    // hang_timeout

  // A scan makes progress while it is granted pages, and is not to blame while it waits for one.
  overdue check(const scanhost_scan& scan, base::steady_time now) const noexcept {
    if (scan.cancelled) return now - scan.cancelled_at >= finish ? overdue::finish : overdue::nothing;
    return scan.working && now - scan.progressed >= progress ? overdue::progress : overdue::nothing;
  }
};

}  // namespace scanhost::runner
