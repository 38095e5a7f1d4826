// SPDX-License-Identifier: Apache-2.0
//
// Which builds must not run at the start, because of what happened to earlier hosts: blocked builds, and
// those that crashed too often.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "plan/scanner_plan.hpp"
#include "reload/blocked_builds.hpp"

namespace scanhost::reload {

// Counts the crashes of dead hosts against the builds that they happened in.
base::result<void> count_crashes(const std::filesystem::path& place, blocked_builds& blocked,
                                 std::uint32_t limit);

// Why scanners must not be started, by scanner. An error: a build is not the one that its scanner is pinned
// to, and nothing may start.
base::result<std::map<std::string, std::string>> find_blocked_scanners(
    const std::vector<plan::scanner_plan>& plans, blocked_builds& blocked);

// Their builds ran and were stopped properly, so earlier crashes no longer count.
void note_clean_stop(const std::vector<plan::scanner_plan>& plans, blocked_builds& blocked);

}  // namespace scanhost::reload
