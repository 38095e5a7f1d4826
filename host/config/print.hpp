// SPDX-License-Identifier: Apache-2.0
//
// Descriptions of plugins and settings of scanners, for people and for scripts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "config/description.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// Several lines, each with its newline.
std::string describe_text(const description& plugin);

// One JSON object and a newline.
std::string describe_json(const description& plugin);

// The name and every key of a scanner but its options; durations as `interval_ms`.
nlohmann::ordered_json settings_json(const scanner_settings& scanner);

// "text list", as in describe_text.
std::string to_text(option_type type);

}  // namespace scanhost::config
