// SPDX-License-Identifier: Apache-2.0
//
// From the settings and the store to the plan of each scanner: reads partition counts and checks functions.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "plan/assembly.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::plan {

// One plan for each scanner; one that may wait for its functions (`enabled: auto`) has a plan also without
// them. A requested `stop` ends it at once, with an error. `known`: what the plans that run share about
// functions, which goes on if the store stays the same; null: there is nothing yet. Asks the store for
// partition counts and functions. An error if the store cannot be reached (unavailable, timed_out), disagrees
// with the configuration, or lacks functions.
base::result<std::vector<scanner_plan>> make_plans(const config::settings& settings,
                                                   const plugin::catalogue& plugins,
                                                   const std::vector<config::scanner_settings>& scanners,
                                                   const std::string& config_file,
                                                   const std::shared_ptr<server_functions>& known,
                                                   std::stop_token stop = {});

// What the scanner waits for, as "the functions a, b of the library 'x'"; empty: nothing.
std::string awaited_functions(const scanner_plan& plan);

}  // namespace scanhost::plan
