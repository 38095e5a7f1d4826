// SPDX-License-Identifier: Apache-2.0
//
// All that `ctl status NAME` says of one scanner. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace scanhost::commands {

// A line for each thing that is known, its name in front.
std::string scanner_details(const nlohmann::json& scanner, const nlohmann::json& now_ms);

}  // namespace scanhost::commands
