// SPDX-License-Identifier: Apache-2.0
//
// What the child of a check reports to its parent: JSON objects, one per line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/description.hpp"
#include "verify/exercise.hpp"
#include "verify/fault.hpp"
#include "verify/observed_commands.hpp"

namespace scanhost::verify {

struct check_report {
  std::string step;  // the last step that was reported
  findings found;
  std::optional<config::description> description;
  std::optional<exercise> exercised;
  observed_commands sent;
  bool hung = false;  // reported by the child's own watch
  bool done = false;  // the check ran to its end
};

std::string line_of_step(std::string_view step);
std::string line_of(const finding& finding);
std::string line_of(const exercise& seen);
std::string line_of(const observed_commands& seen);
std::string line_of_done();

// Lines of plugin::line_of(description) are read too; all other lines are skipped.
check_report read_check_report(std::string_view text);

}  // namespace scanhost::verify
