// SPDX-License-Identifier: Apache-2.0
//
// The status of scanners as JSON, for the page and for scripts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runner/record/status.hpp"

namespace scanhost::admin {

// {"processed": 1, "unchanged": 0, "errors": 0, "skipped": 0, "backlog": null, "elapsed_ms": 1.5}
nlohmann::ordered_json cycle_json(const runner::cycle_report& cycle);

// {"scanners": [...], "control": true}, values that are not known as null. Durations are numbers whose names
// end in _ms. `control`: whether whoever asks may use the commands of the page.
std::string status_json(const std::vector<runner::scanner_status>& scanners, bool control);

}  // namespace scanhost::admin
