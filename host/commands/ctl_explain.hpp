// SPDX-License-Identifier: Apache-2.0
//
// What `scanhost ctl explain` prints. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::commands {

// From the JSON that a host gives: who acts on the item and when, then who does not and why, then the names
// of those that have nothing to do with it. An error: it is of another version.
base::result<std::string> explain_text(std::string_view explain_json);

}  // namespace scanhost::commands
