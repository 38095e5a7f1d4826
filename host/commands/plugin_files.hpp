// SPDX-License-Identifier: Apache-2.0
//
// Where the commands about plugins find them, and which rules they are read by.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/exit_code.hpp"
#include "plugin/loader.hpp"

namespace scanhost::commands {

struct plugin_places {
  std::vector<std::filesystem::path> folders;
  std::vector<std::string> allow_needed;
};

// The folders that were named, else those of the configuration file, else the bundled ones. An error: the
// file cannot be read, or something is wrong with it (that of its scanners does not matter here).
base::result<plugin_places> plugin_sources(const std::vector<std::filesystem::path>& named,
                                           const std::optional<std::filesystem::path>& config);

// A name with a slash or ending in .so is a file; everything else is looked up in the folders.
std::filesystem::path find_plugin(const std::string& plugin,
                                  const std::vector<std::filesystem::path>& folders);

// Why a plugin was refused, with the exit code that belongs to it.
base::error error_of(const plugin::load_error& problem);

// Prints it.
base::exit_code report_refusal(const plugin::load_error& problem);

}  // namespace scanhost::commands
