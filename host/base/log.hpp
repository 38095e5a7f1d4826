// SPDX-License-Identifier: Apache-2.0
//
// Log lines of the runner, under a scanner's name.
#pragma once

#include <string_view>

namespace scanhost::base {

enum class severity { trace, debug, info, warn, error };

bool logs(severity level) noexcept;
void log(severity level, std::string_view scanner, std::string_view text);

}  // namespace scanhost::base
