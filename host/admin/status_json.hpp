// SPDX-License-Identifier: Apache-2.0
//
// The status of scanners as JSON, for the page and for scripts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "metrics/process_metrics.hpp"
#include "runner/record/status.hpp"

namespace scanhost::admin {

// {"processed": 1, "unchanged": 0, "errors": 0, "skipped": 0, "beyond_allowance": 0, "backlog": null,
// "elapsed_ms": 1.5}
nlohmann::ordered_json cycle_json(const runner::cycle_report& cycle);

// {"scanners": [...], "control": true}, values that are not known as null. Durations are numbers whose names
// end in _ms. `control`: whether whoever asks may use the commands of the page. `process`: left out if none.
std::string status_json(const std::vector<runner::scanner_status>& scanners, bool control,
                        const std::optional<metrics::process_usage>& process = {});

}  // namespace scanhost::admin
