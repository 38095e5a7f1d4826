// SPDX-License-Identifier: Apache-2.0
//
// Where log lines go: standard error; human lines on a terminal, one JSON object a line otherwise.
#pragma once

#include <string>

#include "base/error.hpp"

namespace scanhost::boot {

enum class log_format { automatic, human, json };

// `level`: trace, debug, info, warn, error or off. Call it once, before any thread is started.
base::result<void> start_logging(const std::string& level, log_format format);

}  // namespace scanhost::boot
