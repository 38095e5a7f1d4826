// SPDX-License-Identifier: Apache-2.0
//
// What the child of a check tells its parent: JSON objects, one a line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/description.hpp"
#include "verify/fault.hpp"

namespace scanhost::verify {

struct check_report {
  std::string step;  // the last that was told
  findings found;
  std::optional<config::description> description;
  bool hung = false;  // the child's own watch saw that
  bool done = false;  // it came to its end
};

std::string line_of_step(std::string_view step);
std::string line_of(const finding& finding);
std::string line_of_done();

// Lines of plugin::line_of(description) are read too; whatever is none of these is passed over.
check_report read_check_report(std::string_view text);

}  // namespace scanhost::verify
