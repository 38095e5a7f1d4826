// SPDX-License-Identifier: Apache-2.0
//
// From settings and the store to what each scanner runs with: partition counts read, functions checked.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "plan/assembly.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::plan {

// One plan for each scanner. Asks the store for partition counts and functions; an error where it cannot be
// reached (unavailable, timed_out), disagrees with the configuration, or lacks functions.
base::result<std::vector<scanner_plan>> make_plans(const config::settings& settings,
                                                   const plugin::catalogue& plugins,
                                                   const std::vector<config::scanner_settings>& scanners,
                                                   const std::string& config_file);

}  // namespace scanhost::plan
