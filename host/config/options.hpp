// SPDX-License-Identifier: Apache-2.0
//
// The options of a scanner against its plugin's table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "config/findings.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// The scanner's own options before the global ones before the defaults. `global` and the scanner's options
// may be null.
option_values resolve_options(const written_scanner& scanner, const description& plugin, const node* global,
                              findings& findings);

}  // namespace scanhost::config
