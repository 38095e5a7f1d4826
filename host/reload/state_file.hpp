// SPDX-License-Identifier: Apache-2.0
//
// Small files in the place of the staging folders that outlive a host. A change takes effect whole or not at
// all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::reload {

// An error of the system's, from errno, with what to do.
base::error state_error(const std::filesystem::path& file, const char* problem);

// None: the file does not exist. At most 4 MiB are read.
base::result<std::optional<std::string>> read_state(const std::filesystem::path& file);

// The caller holds the lock of the place.
base::result<void> replace_state(const std::filesystem::path& file, std::string_view text);

// What was renamed in the folder is on disk from then on.
base::result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace scanhost::reload
