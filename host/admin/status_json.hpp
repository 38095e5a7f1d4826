// SPDX-License-Identifier: Apache-2.0
//
// The status of scanners as JSON, for the page and for scripts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "admin/history.hpp"
#include "admin/host_status.hpp"
#include "metrics/process_metrics.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

// {"processed": 1, "unchanged": 0, "errors": 0, "skipped": 0, "beyond_allowance": 0, "backlog": null,
// "elapsed_ms": 1.5}
nlohmann::ordered_json cycle_json(const runner::cycle_report& cycle);

// Of the document; members are only added while it stays the same. status.schema.json describes them all.
inline constexpr int status_version = 1;

// Whether whoever asks may use the commands of the page.
enum class command_access { granted, needs_token, none };

// {"version": 1, "host": {...}, "scanners": [...], "control": true, "needs_token": false, "process": {...}},
// values that are not known as null. Durations are numbers whose names end in _ms, and so are moments, as ms
// since the epoch. `commands`: those of the page. `process`, `host`: left out if none. `hour`: what the
// backlogs did lately; null: not known.
std::string status_json(const std::vector<runner::scanner_status>& scanners, command_access commands,
                        const std::optional<metrics::process_usage>& process = {},
                        const std::optional<host_status>& host = {}, const history* hour = nullptr);

}  // namespace scanhost::admin
