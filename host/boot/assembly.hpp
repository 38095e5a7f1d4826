// SPDX-License-Identifier: Apache-2.0
//
// From a configuration file to everything a start needs: the settings, validated against the plugins that
// were found, and those plugins. Starts nothing and does not touch the store.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "plugin/loader.hpp"

namespace scanhost::boot {

struct assembly {
  config::settings settings;
  plugin::catalogue plugins;
  std::vector<std::string> warnings;
  // In this order, so that the staging folder goes last.
  std::unique_ptr<plugin::staging> staging;
  std::unique_ptr<plugin::loader> loader;
};

enum class stage_plugins { no, yes };

// Reads, finds, validates. The error's message holds every problem, one a line. With stage_plugins::no
// the loader cannot open plugins, and no folder is made.
base::result<assembly> assemble(const std::filesystem::path& config_file, stage_plugins stage);

// The scanners that a run is about: those named, else those enabled. An error names the unknown ones.
base::result<std::vector<config::scanner_settings>> select_scanners(const config::settings& settings,
                                                                    const std::vector<std::string>& names);

}  // namespace scanhost::boot
