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
#include "plugin/loader.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/good_builds.hpp"

namespace scanhost::reload {

// Counts the crashes of dead hosts against the builds that they happened in. A build is blocked after `limit`
// crashes in a row; at the first one if it is new and its scanner has an earlier build that ran well.
base::result<void> count_crashes(const std::filesystem::path& place, blocked_builds& blocked,
                                 const good_builds& good, std::uint32_t limit);

// A plugin whose present file is blocked, and the build that runs in its place.
struct fallback {
  plugin::found_plugin build;
  std::string reason;  // "the build 12ab34cd5678 is blocked: ..."
};

// By plugin: the last good builds of the scanners whose builds are blocked, as far as they can still be used.
base::result<std::map<std::string, fallback>> find_fallbacks(
    const plugin::catalogue& plugins, const std::vector<config::scanner_settings>& scanners,
    plugin::loader& loader, blocked_builds& blocked, const good_builds& good);

// Why scanners must not be started, by scanner. An error: a build is not the one that its scanner is pinned
// to, and nothing may start.
base::result<std::map<std::string, std::string>> find_blocked_scanners(
    const std::vector<plan::scanner_plan>& plans, blocked_builds& blocked);

// Their builds ran and were stopped properly, so earlier crashes no longer count.
void note_clean_stop(const std::vector<plan::scanner_plan>& plans, blocked_builds& blocked);

}  // namespace scanhost::reload
