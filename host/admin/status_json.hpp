// SPDX-License-Identifier: Apache-2.0
//
// The status of scanners as JSON, for the page and for scripts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/record/status.hpp"

namespace scanhost::admin {

// {"scanners": [...]}, values that are not known as null. Durations are numbers whose names end in _ms.
// `page_may_control`, where given, becomes "control": whether the page has buttons.
std::string status_json(const std::vector<runner::scanner_status>& scanners,
                        std::optional<bool> page_may_control = {});

}  // namespace scanhost::admin
