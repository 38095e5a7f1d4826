// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"

namespace CLI {
class App;
}

namespace scanhost::commands {

// Adds an option that takes a duration of more than nothing, in the form of the configuration ("1.5s").
void add_duration(CLI::App& command, const std::string& name, const std::string& help,
                  std::function<void(base::milliseconds)> set);

// The same for an option whose duration, of at least 100ms, may be left out: then it is `usual`.
void add_period(CLI::App& command, const std::string& name, const std::string& usual, const std::string& help,
                std::function<void(base::milliseconds)> set);

}  // namespace scanhost::commands
