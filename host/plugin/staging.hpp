// SPDX-License-Identifier: Apache-2.0
//
// Where the private copies of plugins live: one folder for each host below a place that several hosts may
// share.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/environment.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::plugin {

// The staging folder of this host. It is removed with this object. The host holds a lock in it for as
// long as it lives, however it ends: a folder whose lock is free belongs to a dead host.
class staging {
 public:
  // Finds or makes the folder below the configured or default place, removes what dead hosts left there, and
  // makes sure that files in it can be mapped executable.
  static base::result<std::unique_ptr<staging>> open(const std::filesystem::path& configured);

  staging(std::filesystem::path folder, base::unique_fd lock) noexcept;
  ~staging();
  staging(const staging&) = delete;
  staging& operator=(const staging&) = delete;

  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
  base::unique_fd lock_;
};

// The place below which a host makes its folder when none is configured: `$STATE_DIRECTORY/staging` under
// systemd, `/var/lib/scanhost/staging` for root, else `$XDG_STATE_HOME/scanhost/staging`
// (`~/.local/state/...`).
base::result<std::filesystem::path> default_staging(const base::environment& variable, bool root);

// The file in the place that is locked for changes to what several hosts share there.
inline constexpr auto staging_lock_name = "lock";

// Opens the file, creates it if there is none, and locks it as flock(2) does with that mode, until the handle
// is closed.
base::result<base::unique_fd> lock_file(const std::filesystem::path& file, int mode);

// Ok, or why files in the folder cannot be mapped executable, naming the mount.
base::result<void> check_executable(const std::filesystem::path& folder);

// Removes the folders below `place` whose hosts are dead, but for copies of builds that crashed
// (plugin/crashed_copies.hpp). The caller holds the lock of `place`.
void remove_leftovers(const std::filesystem::path& place);

}  // namespace scanhost::plugin
