// SPDX-License-Identifier: Apache-2.0
//
// The table of scanners that `ctl status` prints. Pure.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace scanhost::commands {

// A heading and a row for each scanner of a status, none longer than `columns` characters, from 90 on.
std::string scanners_table(const nlohmann::json& scanners, const nlohmann::json& now_ms, std::size_t columns,
                           bool colors);

}  // namespace scanhost::commands
