// SPDX-License-Identifier: Apache-2.0
//
// Which build a scanner is to run: the one that was found, unless something speaks against it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "reload/blocked_builds.hpp"
#include "runner/scanner.hpp"

namespace scanhost::reload {

// What is wanted, as read from the configuration, the plugin folders and the store.
struct reading {
  config::settings settings;
  std::vector<runner::scanner_plan> plans;  // of the scanners that are to run
  // By plugin: why the file that lies there now cannot be used; its scanners' plans have the build that they
  // run with.
  std::map<std::string, std::string> refused;
  std::vector<std::string> warnings;
};

// Why this build must not run this scanner: a pin to another one, or a block. None: it may.
std::optional<std::string> objection(const runner::scanner_plan& plan,
                                     const std::optional<blocked_build>& blocked);

// What is wanted, with the build of `ran`; with its settings too where that build has other options.
runner::scanner_plan with_build_of(const runner::scanner_plan& target, const runner::scanner_plan& ran);

}  // namespace scanhost::reload
