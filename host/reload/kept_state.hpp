// SPDX-License-Identifier: Apache-2.0
//
// What a host keeps in the place of the staging folders, for itself and for the next one.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "reload/blocked_builds.hpp"
#include "reload/good_builds.hpp"
#include "reload/histories.hpp"
#include "reload/pauses.hpp"

namespace scanhost::reload {

struct kept_state {
  // `warn` is called with a sentence for each file that cannot be parsed.
  kept_state(const std::filesystem::path& place, const std::filesystem::path& config_file,
             const std::function<void(const std::string&)>& warn)
      : blocked(place, warn),
        good(place, config_file, warn),
        pauses(place, config_file, warn),
        histories(place, config_file, warn) {}

  blocked_builds blocked;
  good_builds good;
  reload::pauses pauses;
  reload::histories histories;
};

}  // namespace scanhost::reload
