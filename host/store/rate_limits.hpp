// SPDX-License-Identifier: Apache-2.0
//
// The limits that the commands of a scanner are subject to: its own, and that of the whole host.
#pragma once

#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "store/latency_probe.hpp"
#include "store/rate/rate_limiter.hpp"

namespace scanhost::store {

struct rate_limit {
  std::shared_ptr<rate_limiter> limiter;
  std::shared_ptr<latency_probe> probe;  // null: a fixed number
};

using rate_limits = std::vector<rate_limit>;

// The host's is shared by all scanners of the process, a scanner's own by its generations, so that a reload
// neither adds to the load nor forgets what the loop has learned. A changed limit is a new one. Empty:
// nothing is limited. Any thread.
rate_limits shared_rate_limits(const config::scanner_settings& scanner, const config::store_settings& store);

}  // namespace scanhost::store
