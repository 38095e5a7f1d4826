// SPDX-License-Identifier: Apache-2.0
//
// Where the private copies of plugins live. The handle itself is in plugin/loader.hpp.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "plugin/unique_fd.hpp"

namespace scanhost::plugin {

// Looks up a variable of the environment; nothing: not set.
using environment = std::function<std::optional<std::string>(const char* name)>;

// The place below which a host makes its folder when none is configured: `$STATE_DIRECTORY/staging` under
// systemd, `/var/lib/scanhost/staging` for root, else `$XDG_STATE_HOME/scanhost/staging`
// (`~/.local/state/...`).
base::result<std::filesystem::path> default_staging(const environment& variable, bool root);

// The file in the place whose lock is held by whoever changes what several hosts share there.
inline constexpr auto staging_lock_name = "lock";

// Opens the file, makes it when there is none, and locks it as flock(2) does with that mode, until the handle
// is closed.
base::result<unique_fd> lock_file(const std::filesystem::path& file, int mode);

// Nothing is wrong, or why files in the folder cannot be mapped executable, naming the mount.
base::result<void> check_executable(const std::filesystem::path& folder);

// Removes the folders below `place` whose hosts are dead. The caller holds the lock of `place`.
void remove_leftovers(const std::filesystem::path& place);

}  // namespace scanhost::plugin
