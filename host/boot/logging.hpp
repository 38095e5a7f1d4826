// SPDX-License-Identifier: Apache-2.0
//
// Writes log lines to standard error: for people on a terminal, else one JSON object a line. A reader that is
// late is never waited for (base/non_blocking_output).
#pragma once

#include <string>

#include "base/error.hpp"

namespace scanhost::boot {

enum class log_format { automatic, human, json };

// `level`: trace, debug, info, warn, error or off. Call it once, before any thread starts.
base::result<void> start_logging(const std::string& level, log_format format);

}  // namespace scanhost::boot
