// SPDX-License-Identifier: Apache-2.0
//
// Where the host finds what was installed with it.
#pragma once

#include <filesystem>
#include <vector>

namespace scanhost::commands {

// The running program's own file.
std::filesystem::path own_program();

// The folders of the bundled plugins that exist: beside the build's bin/, or below the installation's lib/.
std::vector<std::filesystem::path> bundled_plugin_folders();

}  // namespace scanhost::commands
