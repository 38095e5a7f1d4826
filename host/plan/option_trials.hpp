// SPDX-License-Identifier: Apache-2.0
//
// Whether the plugins take the options that the configuration gives their scanners. What a table of options
// cannot say, only `create` knows: it is called in a child process, before anything starts.
#pragma once

#include <vector>

#include "config/load.hpp"
#include "config/settings.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/loader.hpp"

namespace scanhost::plan {

// Every problem, at the line that gives the option. The plugins of all these scanners are in the catalogue.
std::vector<config::problem> try_options(const config::document& document,
                                         const std::vector<config::scanner_settings>& scanners,
                                         const plugin::catalogue& plugins, plugin::loader& loader);

}  // namespace scanhost::plan
