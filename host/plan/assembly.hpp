// SPDX-License-Identifier: Apache-2.0
//
// From a configuration file to everything that a start needs: the settings, validated against the plugins
// that were found, and those plugins. Starts nothing and does not contact the store.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/load.hpp"
#include "config/settings.hpp"
#include "plugin/loader.hpp"
#include "plugin/staging.hpp"

namespace scanhost::plan {

struct assembly {
  std::unique_ptr<config::document> document;  // the settings as written
  config::settings settings;
  plugin::catalogue plugins;
  // In this order, so that the staging folder is destroyed last.
  std::unique_ptr<plugin::staging> staging;
  std::unique_ptr<plugin::loader> loader;

  // The folder that holds the staging folders of all hosts, where they keep what outlives them.
  std::filesystem::path place() const { return staging->folder().parent_path(); }
};

enum class stage_plugins { no, yes };
// Whether scanners run dry: as the file says, or all of them.
enum class dry_run { as_configured, forced };

// Reads the configuration, finds the plugins and validates. The error's message names every problem, one a
// line; `found` has them, and the warnings in every case. With stage_plugins::no the loader cannot open
// plugins, and no folder is created.
base::result<assembly> assemble(const std::filesystem::path& config_file, stage_plugins stage,
                                config::findings& found, dry_run changes = dry_run::as_configured);

// Which plugins the loader may accept, according to this document.
plugin::loader_options loader_options_of(const config::document& document);

// The document validated against these plugins, whose create is tried with the options of each scanner. The
// error's message names every problem, one a line; `found` has what was found in the document, in every case.
base::result<config::settings> resolve(const config::document& document, const plugin::catalogue& plugins,
                                       plugin::loader& loader, config::findings& found);

// The scanners to run: those named, or all that are enabled if none is named. An error names the first
// unknown one.
base::result<std::vector<config::scanner_settings>> select_scanners(const config::settings& settings,
                                                                    const std::vector<std::string>& names);

}  // namespace scanhost::plan
