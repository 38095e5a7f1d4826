// SPDX-License-Identifier: Apache-2.0
//
// The status of a host for people: from the JSON that it gives to tables. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::commands {

// A row for each scanner; with `history` a second table, a row for each change of a generation. An error when
// the JSON is not a status.
base::result<std::string> status_text(std::string_view status_json, bool history);

}  // namespace scanhost::commands
