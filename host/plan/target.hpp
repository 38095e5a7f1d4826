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

// What is read again.
enum class read_scope {
  configuration,  // the YAML file, the plugin files and the store
  plugins         // the plugin files and the store; the configuration that was read last counts
};

struct refused_build {
  std::string sha256;  // of the file; empty: it could not be read
  std::string reason;
};

struct target {
  config::settings settings;
  std::vector<scanner_plan> plans;  // of the scanners that shall run
  // By plugin: why its present file cannot be used. The plans of its scanners have the build that they run
  // now.
  std::map<std::string, refused_build> refused;
  std::vector<std::string> warnings;
};

}  // namespace scanhost::plan
