// SPDX-License-Identifier: Apache-2.0
#include "reload/start_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "plugin/crashed_copies.hpp"
#include "reload/builds.hpp"
#include "runner/crash/crash_records.hpp"

namespace scanhost::reload {

namespace {

using std::chrono::hours;

// A build that ran well for longer is not new: one crash of it says little.
constexpr hours newness{1};

std::string short_hash_of(const std::string& sha256) { return sha256.substr(0, 12); }

std::string description_of(const runner::crash& crash) {
  return fmt::format("{} in {}, scanner {}, generation {}{}", crash.signal,
                     crash.entry.empty() ? "the host's own code" : crash.entry, crash.scanner,
                     crash.generation, crash.code.empty() ? "" : ", at " + crash.code);
}

void log_crash(const runner::crash& crash, const std::filesystem::path& place) {
  const auto copy = plugin::find_crashed_copy(place, crash.sha256);
  const auto description = description_of(crash);
  base::log(base::events::host_crashed, {},
            fmt::format("an earlier host crashed: {} sha256={}{}{}", description, short_hash_of(crash.sha256),
                        copy.empty() ? "" : fmt::format(" copy={}", copy.string()),
                        crash.trace.empty() ? "" : fmt::format(" trace={}", crash.trace)),
            {{"error", description}});
}

// Whether one crash is enough to go back to the build before.
base::result<bool> goes_back(const runner::crash& crash, const good_builds& good) {
  const auto builds = good.find(crash.scanner);
  if (!builds) return builds.error();
  const auto own = std::find_if(builds->begin(), builds->end(),
                                [&](const auto& build) { return build.sha256 == crash.sha256; });
  if (own == builds->end()) return !builds->empty();
  return builds->size() > 1 && crash.at < own->since + newness;
}

base::result<void> count_crash(const runner::crash& crash, blocked_builds& blocked, const good_builds& good,
                               std::uint32_t limit) {
  const auto back = goes_back(crash, good);
  if (!back) return back.error();
  const auto plugin = crash.scanner.substr(0, crash.scanner.find('@'));
  const auto counted =
      blocked.crashed({crash.sha256, crash.scanner, plugin, description_of(crash), {}}, *back ? 1 : limit);
  if (!counted) return counted.error();
  return {};
}

// A kept build that can be used; none: it cannot, and the log says why.
std::optional<plugin::found_plugin> inspect_good(const good_build& build, plugin::loader& loader,
                                                 const good_builds& good) {
  auto found = loader.inspect(good.file_of(build));
  if (found && found->sha256 == build.sha256 && found->description.name == build.plugin)
    return std::move(*found);
  base::log(base::events::last_good_build_unusable,
            fmt::format("the last good build {} of {} cannot be used: {}", short_hash_of(build.sha256),
                        build.plugin, found ? "its copy was changed" : found.error().message));
  return std::nullopt;
}

base::result<std::optional<plugin::found_plugin>> find_good(const std::vector<std::string>& scanners,
                                                            const plugin::found_plugin& instead_of,
                                                            plugin::loader& loader, blocked_builds& blocked,
                                                            const good_builds& good) {
  for (const auto& scanner : scanners) {
    const auto builds = good.find(scanner);
    if (!builds) return builds.error();
    for (const auto& build : *builds) {
      if (build.sha256 == instead_of.sha256 || build.plugin != instead_of.description.name) continue;
      const auto held = blocked.find(build.sha256);
      if (!held) return held.error();
      if (*held) continue;
      if (auto found = inspect_good(build, loader, good)) return found;
    }
  }
  return std::optional<plugin::found_plugin>();
}

// Its scanners; none if one of them is pinned to a build.
std::vector<std::string> scanners_of(const std::string& plugin,
                                     const std::vector<config::scanner_settings>& scanners) {
  std::vector<std::string> names;
  for (const auto& scanner : scanners) {
    if (scanner.plugin != plugin) continue;
    if (!scanner.sha256.empty()) return {};
    names.push_back(scanner.name);
  }
  return names;
}

}  // namespace

base::result<void> count_crashes(const std::filesystem::path& place, blocked_builds& blocked,
                                 const good_builds& good, std::uint32_t limit) {
  const auto crashes = runner::collect_crashes(place);
  if (!crashes) return crashes.error();
  for (const auto& crash : *crashes) {
    log_crash(crash, place);
    if (crash.sha256.empty()) continue;  // not on a scanner's thread
    if (auto counted = count_crash(crash, blocked, good, limit); !counted) return counted;
  }
  return {};
}

base::result<std::map<std::string, fallback>> find_fallbacks(
    const plugin::catalogue& plugins, const std::vector<config::scanner_settings>& scanners,
    plugin::loader& loader, blocked_builds& blocked, const good_builds& good) {
  std::map<std::string, fallback> fallbacks;
  for (const auto& [name, found] : plugins.plugins) {
    const auto held = blocked.find(found.sha256);
    if (!held) return held.error();
    if (!*held) continue;
    auto build = find_good(scanners_of(name, scanners), found, loader, blocked, good);
    if (!build) return build.error();
    if (*build)
      fallbacks.emplace(
          name, fallback{std::move(**build), fmt::format("the build {} is blocked: {}",
                                                         short_hash_of(found.sha256), held->value().reason)});
  }
  return fallbacks;
}

base::result<std::map<std::string, std::string>> find_blocked_scanners(
    const std::vector<plan::scanner_plan>& plans, blocked_builds& blocked) {
  std::map<std::string, std::string> reasons;
  for (const auto& plan : plans) {
    if (const auto pinned = objection(plan, std::nullopt)) return base::fail(base::errc::config, *pinned);
    const auto build = blocked.find(plan.plugin.sha256);
    if (!build) return build.error();
    if (const auto reason = objection(plan, *build)) reasons.emplace(plan.settings.name, *reason);
  }
  return reasons;
}

void note_clean_stop(const std::vector<plan::scanner_plan>& plans, blocked_builds& blocked) {
  for (const auto& plan : plans)
    if (const auto noted = blocked.ran_well(plan.plugin.sha256); !noted)
      base::log(base::events::state_file_unreadable, noted.error().message);
}

}  // namespace scanhost::reload
