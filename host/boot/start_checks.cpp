// SPDX-License-Identifier: Apache-2.0
#include "boot/start_checks.hpp"

#include <spdlog/spdlog.h>

#include "reload/builds.hpp"
#include "runner/crash/crash_records.hpp"

namespace scanhost::boot {

base::result<void> account_for_crashes(const std::filesystem::path& place, reload::blocked_builds& blocked,
                                       std::uint32_t limit) {
  const auto crashes = runner::collect_crashes(place);
  if (!crashes) return crashes.error();
  for (const auto& crash : *crashes) {
    const auto what = crash.signal + " in " + (crash.entry.empty() ? "the host's own code" : crash.entry) +
                      ", scanner " + crash.scanner + ", generation " + std::to_string(crash.generation);
    spdlog::error("an earlier host crashed: {} sha256={}", what, crash.sha256.substr(0, 12));
    if (crash.sha256.empty()) continue;  // no scanner's thread
    const auto plugin = crash.scanner.substr(0, crash.scanner.find('@'));
    auto now_blocked = blocked.crashed({crash.sha256, crash.scanner, plugin, what, {}}, limit);
    if (!now_blocked) return now_blocked.error();
  }
  return {};
}

base::result<std::map<std::string, std::string>> held_back(const std::vector<plan::scanner_plan>& plans,
                                                           reload::blocked_builds& blocked) {
  std::map<std::string, std::string> reasons;
  for (const auto& plan : plans) {
    if (const auto pinned = reload::objection(plan, std::nullopt))
      return base::fail(base::errc::config, *pinned);
    const auto found = blocked.find(plan.plugin.sha256);
    if (!found) return found.error();
    if (const auto reason = reload::objection(plan, *found)) reasons.emplace(plan.settings.name, *reason);
  }
  return reasons;
}

void note_good_end(const std::vector<plan::scanner_plan>& plans, reload::blocked_builds& blocked) {
  for (const auto& plan : plans)
    if (const auto noted = blocked.ran_well(plan.plugin.sha256); !noted)
      spdlog::warn("{}", noted.error().message);
}

}  // namespace scanhost::boot
