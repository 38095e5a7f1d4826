// SPDX-License-Identifier: Apache-2.0
#include "boot/scanner_start.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "metrics/names.hpp"
#include "plan/plans.hpp"
#include "plan/room.hpp"
#include "runner/generation/schedule.hpp"

namespace scanhost::boot {

namespace events = base::events;
using base::log;

base::result<void> scanner_start::select() {
  auto selected = plan::select_scanners(host_.parts.settings, {});
  if (!selected) return selected.error();
  selected_ = std::move(*selected);
  return {};
}

base::result<void> scanner_start::choose_builds() {
  auto& parts = host_.parts;
  auto& kept = host_.kept;
  auto counted =
      reload::count_crashes(parts.place(), kept.blocked, kept.good, parts.settings.plugins.crash_limit);
  if (!counted) return counted.error();
  auto found = reload::find_fallbacks(parts.plugins, selected_, *parts.loader, kept.blocked, kept.good);
  if (!found) return found.error();
  for (auto& [plugin, fallback] : *found) use_fallback(plugin, std::move(fallback));
  return {};
}

// An older build may have other options than those that the configuration gives.
void scanner_start::use_fallback(const std::string& plugin, reload::fallback fallback) {
  auto plugins = host_.parts.plugins;
  plugins.plugins.at(plugin) = fallback.build;
  auto settings = host_.configuration.settings_with(plugins);
  auto selected = settings ? plan::select_scanners(*settings, {}) : settings.error();
  if (!selected) {
    log(events::last_good_build_unusable,
        fmt::format("the last good build of {} cannot run with this configuration: {}", plugin,
                    selected.error().message));
    return;
  }
  host_.parts.plugins = std::move(plugins);
  host_.parts.settings = std::move(*settings);
  selected_ = std::move(*selected);
  fallbacks_.emplace(plugin, std::move(fallback.reason));
}

base::result<std::vector<plan::scanner_plan>> scanner_start::read_plans(
    std::stop_token stop, const std::string& config_file) const {
  return plan::make_plans(host_.parts.settings, host_.parts.plugins, selected_, config_file, nullptr,
                          std::move(stop));
}

base::result<void> scanner_start::start(std::vector<plan::scanner_plan> plans) {
  if (auto room = plan::check_room(plans, host_.parts.staging->folder()); !room) return room.error();
  const auto blocked = reload::find_blocked_scanners(plans, host_.kept.blocked);
  if (!blocked) return blocked.error();
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto& settings = selected_[i];
    const auto reason = blocked->find(settings.name);
    start(add(std::move(plans[i])), settings, runner::first_delay(i, plans.size(), settings.interval),
          reason == blocked->end() ? nullptr : &reason->second);
  }
  host_.parts.plugins = {};  // the scanners have what they need of it
  log_other_pauses();
  return {};
}

runner::scanner& scanner_start::add(plan::scanner_plan plan) {
  auto scanner = std::make_shared<runner::scanner>(std::move(plan), *host_.parts.loader, host_.registry);
  host_.scanners.add(scanner);
  scanner->recall(host_.kept.histories.find(scanner->name()));
  host_.kept.pauses.visit(scanner->name(), [&](const runner::pause_details* pause) {
    if (pause != nullptr) scanner->set_paused(true, *pause);
  });
  return *scanner;
}

void scanner_start::start(runner::scanner& scanner, const config::scanner_settings& settings,
                          base::milliseconds delay, const std::string* blocked) {
  if (const auto fallback = fallbacks_.find(settings.plugin); fallback != fallbacks_.end())
    return start_last_good(scanner, delay, fallback->second);
  if (blocked == nullptr) return scanner.start(delay);
  log(events::scanner_not_started, settings.name, fmt::format("is not started: {}", *blocked),
      {{"error", *blocked}});
  scanner.set_blocked(*blocked);
}

void scanner_start::start_last_good(runner::scanner& scanner, base::milliseconds delay,
                                    const std::string& reason) {
  log(events::last_good_build_used, scanner.name(), fmt::format("runs its last good build: {}", reason),
      {{"error", reason}});
  host_.registry.counter(metrics::names::reloads, {{"scanner", scanner.name()}, {"outcome", "rolled_back"}})
      .add();
  scanner.start(delay, "rolled_back", reason);
}

void scanner_start::log_other_pauses() const {
  std::set<std::string> names;
  for (const auto& scanner : host_.scanners.scanners()) names.insert(scanner->name());
  for (const auto& note : reload::pause_notes(host_.kept.pauses.entries(), names, names))
    log(events::pause_kept, note);
}

}  // namespace scanhost::boot
