// SPDX-License-Identifier: Apache-2.0
//
// What shall run, as read from the configuration, the plugin folders and the store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "plan/scanner_plan.hpp"

namespace scanhost::plan {

enum class source {
  configuration,  // reads the YAML file anew
  plugins         // keeps the configuration that was read last, and looks at the plugin files again
};

struct target {
  config::settings settings;
  std::vector<scanner_plan> plans;  // of the scanners that are to run
  // By plugin: why the file that lies there now cannot be used; its scanners' plans have the build that they
  // run with.
  std::map<std::string, std::string> refused;
  std::vector<std::string> warnings;
};

}  // namespace scanhost::plan
