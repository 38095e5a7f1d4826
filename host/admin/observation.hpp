// SPDX-License-Identifier: Apache-2.0
//
// What the history keeps of a scanner, read at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "metrics/registry.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

struct observation {
  std::string scanner;
  runner::item_counts totals;                        // since the host started
  std::vector<std::uint64_t> lateness;               // of the items acted on, by bucket of lateness_bounds()
  std::optional<std::uint64_t> backlog;              // none: it is not known
  std::optional<base::milliseconds> oldest_overdue;  // likewise
};

// Of each scanner. On the control thread.
std::vector<observation> observe(const std::vector<runner::scanner_status>& scanners,
                                 metrics::registry& registry);

}  // namespace scanhost::admin
