// SPDX-License-Identifier: Apache-2.0
//
// A plugin's description for people and for scripts.
#pragma once

#include <string>

#include "config/description.hpp"

namespace scanhost::config {

// Several lines, the last one ended.
std::string describe_text(const description& plugin);

// One JSON object and a newline.
std::string describe_json(const description& plugin);

// "text list", as in describe_text.
std::string to_text(option_type type);

}  // namespace scanhost::config
