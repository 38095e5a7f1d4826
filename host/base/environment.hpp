// SPDX-License-Identifier: Apache-2.0
//
// Environment variables, behind a function so that tests can supply their own.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace scanhost::base {

// Looks up an environment variable; nothing: it is not set.
using environment = std::function<std::optional<std::string>(const char* name)>;

// The environment of this process.
std::optional<std::string> process_environment(const char* name);

}  // namespace scanhost::base
