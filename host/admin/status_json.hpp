// SPDX-License-Identifier: Apache-2.0
//
// The status of scanners as JSON, for the page and for scripts.
#pragma once

#include <string>
#include <vector>

#include "runner/status.hpp"

namespace scanhost::admin {

// {"scanners": [...]}, values that are not known as null. Durations are numbers whose names end in _ms.
std::string status_json(const std::vector<runner::scanner_status>& scanners);

}  // namespace scanhost::admin
