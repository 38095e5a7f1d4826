// SPDX-License-Identifier: Apache-2.0
//
// The last hour of the scanners as JSON, for the charts of the page and for scripts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/history.hpp"

namespace scanhost::admin {

// {"version": 1, "step_ms": 15000, "at_ms": [...], "scanners": [{"name": "sweeper", "processed_per_second":
// [...], ...}]}. at_ms: moments as ms since the epoch, the oldest first. Each list of a scanner has as many
// entries, null where nothing is known. `scanner`: only this one; none: all of them.
std::string history_json(const history& hour, std::optional<std::string_view> scanner = {});

}  // namespace scanhost::admin
