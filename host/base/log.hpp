// SPDX-License-Identifier: Apache-2.0
//
// Log lines under a scanner's name, through the default logger that boot sets up.
#pragma once

#include <string_view>

namespace scanhost::base {

enum class severity { trace, debug, info, warn, error };

bool logs(severity level) noexcept;
void log(severity level, std::string_view scanner, std::string_view text);

}  // namespace scanhost::base
