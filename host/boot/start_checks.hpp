// SPDX-License-Identifier: Apache-2.0
//
// Which builds a start must not run, from what happened to hosts before this one: blocked ones, and those
// that crashed too often.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "plan/scanner_plan.hpp"
#include "reload/blocked_builds.hpp"

namespace scanhost::boot {

// Counts the crashes of dead hosts against the builds that they were in.
base::result<void> account_for_crashes(const std::filesystem::path& place, reload::blocked_builds& blocked,
                                       std::uint32_t limit);

// Why a scanner must not be started, by name. An error: a pin is not met, and nothing may start.
base::result<std::map<std::string, std::string>> held_back(const std::vector<plan::scanner_plan>& plans,
                                                           reload::blocked_builds& blocked);

// They ran and stopped as they should.
void note_good_end(const std::vector<plan::scanner_plan>& plans, reload::blocked_builds& blocked);

}  // namespace scanhost::boot
