// SPDX-License-Identifier: Apache-2.0
//
// The command line of `scanhost plugin`.
#pragma once

#include <functional>

#include "commands/requests.hpp"

namespace CLI {
class App;
}

namespace scanhost::commands {

struct plugin_requests {
  plugin_request look;
  verify_request verify;
  new_plugin_request create;
};

// Adds `plugin` with its commands; each fills in its request and calls `chosen` with what is to be done.
void add_plugin(CLI::App& app, plugin_requests& requests,
                const std::function<void(std::function<base::exit_code()>)>& chosen);

}  // namespace scanhost::commands
