// SPDX-License-Identifier: Apache-2.0
//
// Validates the options of a scanner against the table of its plugin.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "config/diagnostics.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// The scanner's own options override the global ones, which override the defaults. `global` and the scanner's
// options may be null.
option_values resolve_options(const written_scanner& scanner, const description& plugin, const node* global,
                              diagnostics& diagnostics);

}  // namespace scanhost::config
