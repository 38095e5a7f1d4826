// SPDX-License-Identifier: Apache-2.0
//
// The command line of `scanhost ctl`.
#pragma once

#include <functional>

#include "commands/requests.hpp"

namespace CLI {
class App;
}

namespace scanhost::commands {

// Adds `ctl` with its commands; each fills in `request` and calls `chosen`.
void add_ctl(CLI::App& app, ctl_request& request, const std::function<void()>& chosen);

}  // namespace scanhost::commands
