// SPDX-License-Identifier: Apache-2.0
//
// The status of a host for people: from the JSON that it gives to lines and tables. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::commands {

struct status_view {
  bool history = false;  // with a row for each change of a generation
  bool details = false;  // all that is known of each scanner, in place of the table
  bool colors = false;
  std::size_t columns = 100;  // that a row of the table may take
};

// Lines about the host, then the scanners, then what keeps them from their work. An error when the JSON is
// not a status.
base::result<std::string> status_text(std::string_view status_json, const status_view& view);

}  // namespace scanhost::commands
