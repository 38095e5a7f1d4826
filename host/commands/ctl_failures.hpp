// SPDX-License-Identifier: Apache-2.0
//
// The failing items of a host for people: from the JSON that it gives to a table. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::commands {

// A row for each item, and how many were left out. An error when the JSON is not a list of failures.
base::result<std::string> failures_text(std::string_view failures_json);

}  // namespace scanhost::commands
