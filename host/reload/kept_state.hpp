// SPDX-License-Identifier: Apache-2.0
//
// What a host keeps in the place of the staging folders, for itself and for the next one. A host that sweeps
// is worth more than what is kept: where that cannot be read or written, the log says so, and the host goes
// on.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/good_builds.hpp"
#include "reload/histories.hpp"
#include "reload/pauses.hpp"

namespace scanhost::reload {

struct kept_state {
  kept_state(const std::filesystem::path& place, const std::filesystem::path& config_file);

  // Pauses and histories of the host before. The builds are read when they are asked for.
  void load();

  // As in pauses and in histories; an error was logged, too.
  base::result<void> save_pauses();
  base::result<void> save_histories();

  blocked_builds blocked;
  good_builds good;
  reload::pauses pauses;
  reload::histories histories;
};

}  // namespace scanhost::reload
