// SPDX-License-Identifier: Apache-2.0
//
// Values for a plugin's options from the command line: `--option NAME=VALUE`.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/description.hpp"
#include "config/settings.hpp"

namespace scanhost::commands {

struct given_options {
  config::option_values values;  // the secret ones in plain text, too
  std::vector<base::secret> secrets;
};

// A value is written as in YAML, an option once; each use of a list's name adds an element. A secret is given
// as NAME_file=FILE or NAME_env=VARIABLE.
base::result<given_options> parse_options(const config::description& plugin,
                                          const std::vector<std::string>& texts);

}  // namespace scanhost::commands
