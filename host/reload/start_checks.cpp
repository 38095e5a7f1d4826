// SPDX-License-Identifier: Apache-2.0
#include "reload/start_checks.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reload/builds.hpp"
#include "runner/crash/crash_records.hpp"

namespace scanhost::reload {

base::result<void> count_crashes(const std::filesystem::path& place, blocked_builds& blocked,
                                 std::uint32_t limit) {
  const auto crashes = runner::collect_crashes(place);
  if (!crashes) return crashes.error();
  for (const auto& crash : *crashes) {
    const auto description = fmt::format("{} in {}, scanner {}, generation {}", crash.signal,
                                         crash.entry.empty() ? "the host's own code" : crash.entry,
                                         crash.scanner, crash.generation);
    spdlog::error("an earlier host crashed: {} sha256={}", description, crash.sha256.substr(0, 12));
    if (crash.sha256.empty()) continue;  // not on a scanner's thread
    const auto plugin = crash.scanner.substr(0, crash.scanner.find('@'));
    const auto counted = blocked.crashed({crash.sha256, crash.scanner, plugin, description, {}}, limit);
    if (!counted) return counted.error();
  }
  return {};
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
      spdlog::warn("{}", noted.error().message);
}

}  // namespace scanhost::reload
