// SPDX-License-Identifier: Apache-2.0
//
// How much a log line matters.
#pragma once

#include <optional>
#include <string_view>

namespace scanhost::base {

// `off`, as a level: nothing is written. No line has it.
enum class severity { trace, debug, info, warn, error, off };

std::string_view to_text(severity level) noexcept;
// None: it is not the name of a level.
std::optional<severity> severity_of(std::string_view name) noexcept;
// "trace, debug, info, warn, error or off": for messages.
inline constexpr std::string_view severity_names = "trace, debug, info, warn, error or off";

}  // namespace scanhost::base
