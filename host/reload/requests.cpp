// SPDX-License-Identifier: Apache-2.0
#include "reload/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json.hpp"
#include "base/log.hpp"
#include "plan/plans.hpp"
#include "reload/builds.hpp"
#include "reload/file_watch.hpp"

namespace scanhost::reload {
namespace {

namespace events = base::events;
using base::log;

constexpr base::milliseconds probation_period{50};
constexpr base::milliseconds unproven_period{1000};
constexpr auto nothing_changed = "nothing has changed";

base::error no_such_scanner(const runner::roster& scanners, const std::string& name) {
  return base::fail(base::errc::usage, scanners.explain_unknown(name));
}

std::set<std::string> names_of(const std::vector<plan::scanner_plan>& plans) {
  std::set<std::string> names;
  for (const auto& plan : plans) names.insert(plan.settings.name);
  return names;
}

// The scanners that wait for functions with `enabled: auto`.
std::vector<std::string> waits_of(const std::vector<plan::scanner_plan>& plans) {
  std::vector<std::string> waits;
  for (const auto& plan : plans)
    if (const auto functions = plan::awaited_functions(plan); !functions.empty())
      waits.push_back(fmt::format("{} waits for {}", plan.settings.name, functions));
  return waits;
}

}  // namespace

requests::requests(const host_parts& parts, config::settings settings, const std::atomic<bool>& stopping,
                   std::stop_token stop)
    : parts_(parts),
      settings_at_start_(settings),
      settings_(std::move(settings)),
      stop_(std::move(stop)),
      journal_(parts.scanners, parts.registry),
      probations_(parts.scanners),
      executor_(parts.scanners, parts.loader, parts.registry, journal_, probations_, parts.kept.pauses,
                parts.kept.histories, stopping) {
  publish_blocked_builds();
}

void requests::publish_blocked_builds() {
  const auto blocked = parts_.kept.blocked.list();
  if (!blocked) return;
  std::vector<blocked_build> builds;
  for (const auto& [hash, build] : *blocked) builds.push_back(build);
  journal_.set_blocked_builds(std::move(builds));
}

std::vector<plan::scanner_plan> requests::running() const {
  std::vector<plan::scanner_plan> plans;
  for (const auto& scanner : parts_.scanners.scanners()) plans.push_back(*scanner->plan());
  return plans;
}

probation_limits requests::limits() const noexcept {
  return {settings_.plugins.probation, settings_.plugins.error_margin};
}

answer requests::reload(plan::read_scope scope, const std::vector<std::string>& only) {
  auto target = parts_.reader.read(scope, running(), stop_);
  if (!target) {
    log(events::reload_refused, every_scanner,
        "the reload is refused, nothing has changed: " + target.error().message,
        {{"error", target.error().message}});
    journal_.count("", "refused");
    if (scope == plan::read_scope::configuration) journal_.refuse_configuration(target.error().message);
    return failure(target.error());
  }
  if (auto kept = keep_others(*target, only); !kept) return failure(kept.error());
  answer_builder answer;
  if (scope == plan::read_scope::configuration)
    for (const auto& warning : target->warnings) answer.note(warning);
  if (auto chosen = choose_builds(*target, answer); !chosen) return failure(chosen.error());
  const auto notes = notes_on_pauses(*target);
  keep_good_builds(1);  // the last chance for a build that is about to be replaced
  executor_.carry_out(*target, changes_to(*target), limits(), answer);
  for (const auto& wait : waits_of(target->plans)) answer.note(wait);
  for (const auto& note : notes) answer.note(note);
  const auto needs = find_restart_needs(settings_at_start_, target->settings);
  if (scope == plan::read_scope::configuration) {
    for (const auto& need : needs) answer.note("needs a restart of the host: " + need);
    journal_.accept_configuration(keys_of(needs));
  }
  settings_ = target->settings;
  publish_blocked_builds();
  if (parts_.watch != nullptr) parts_.watch->follow(settings_.plugins.path);
  return answer.finish(nothing_changed);
}

// Scanners that are not in `only` stay as they are, and none is added or removed.
base::result<void> requests::keep_others(plan::target& target, const std::vector<std::string>& only) const {
  if (only.empty()) return {};
  for (const auto& name : only)
    if (!parts_.scanners.find(name)) return no_such_scanner(parts_.scanners, name);
  auto plans = running();
  for (auto& plan : plans) {
    if (std::find(only.begin(), only.end(), plan.settings.name) == only.end()) continue;
    for (const auto& target_plan : target.plans)
      if (target_plan.settings.name == plan.settings.name) plan = target_plan;
  }
  target.plans = std::move(plans);
  return {};
}

// A scanner whose build is refused keeps the build that it runs; a new one without a build is left out.
base::result<void> requests::choose_builds(plan::target& target, answer_builder& answer) {
  std::vector<plan::scanner_plan> plans;
  for (auto& plan : target.plans) {
    const auto& name = plan.settings.name;
    const auto objection = find_objection(target, plan);
    if (!objection) return objection.error();
    if (*objection) {
      journal_.refuse(name, objection->value().sha256, objection->value().reason, answer);
      const auto scanner = parts_.scanners.find(name);
      if (!scanner) continue;
      plan = with_build_of(plan, *scanner->plan());
    } else {
      journal_.forget_refusal(name);
    }
    plans.push_back(std::move(plan));
  }
  target.plans = std::move(plans);
  return {};
}

base::result<std::optional<plan::refused_build>> requests::find_objection(const plan::target& target,
                                                                          const plan::scanner_plan& plan) {
  auto blocked = parts_.kept.blocked.find(plan.plugin.sha256);
  if (!blocked) return blocked.error();
  const auto scanner = parts_.scanners.find(plan.settings.name);
  const bool runs_already =
      scanner && !scanner->status().blocked && scanner->plan()->plugin.sha256 == plan.plugin.sha256;
  // A blocked build that already runs may continue, but a pin to another build is new and must be reported.
  if (auto reason = objection(plan, runs_already ? std::nullopt : *blocked))
    return std::optional(plan::refused_build{plan.plugin.sha256, std::move(*reason)});
  const auto refused = target.refused.find(plan.settings.plugin);
  return refused == target.refused.end() ? std::nullopt : std::optional(refused->second);
}

// Includes the scanners that were not started because of their builds and may run now.
std::vector<change> requests::changes_to(const plan::target& target) const {
  auto changes = find_changes(running(), target.plans);
  for (auto& change : changes) {
    const bool runs_on = change.kind == change_kind::unchanged || change.kind == change_kind::adjusted;
    if (!runs_on || journal_.is_refused(change.scanner)) continue;
    const auto scanner = parts_.scanners.find(change.scanner);
    if (scanner && scanner->status().blocked)
      change = {change.scanner, change_kind::replaced, {"its build is no longer blocked"}, {}};
  }
  return changes;
}

answer requests::plan() {
  auto target = parts_.reader.read(plan::read_scope::configuration, running(), stop_);
  if (!target) return failure(target.error());
  answer_builder answer;
  if (auto chosen = choose_builds(*target, answer); !chosen) return failure(chosen.error());
  const changes found{find_changes(running(), target->plans),
                      find_restart_needs(settings_at_start_, target->settings), waits_of(target->plans),
                      notes_on_pauses(*target)};
  auto result = answer.finish("");
  result.message = (answer.empty() ? "" : result.message) + to_text(found);
  result.data = to_json(found);
  return result;
}

std::vector<std::string> requests::notes_on_pauses(const plan::target& target) const {
  return pause_notes(parts_.kept.pauses.entries(), names_of(running()), names_of(target.plans));
}

answer requests::save_pauses() {
  const auto saved = parts_.kept.save_pauses();
  return saved ? answer() : failure(saved.error());
}

answer requests::save_histories() {
  const auto saved = parts_.kept.save_histories();
  return saved ? answer() : failure(saved.error());
}

void requests::check_partitions() {
  partition_check_.look(settings_.store, settings_.partitions, running(), stop_);
}

answer requests::roll_back(const std::string& name) {
  const auto scanner = parts_.scanners.find(name);
  if (!scanner) return failure(no_such_scanner(parts_.scanners, name));
  const auto* previous = probations_.previous_plan(name);
  if (previous == nullptr)
    return failure(base::fail(
        base::errc::usage,
        fmt::format(
            "{}: there is no earlier build to go back to: its build has not changed since this host started, or was rolled back already",
            name)));
  const auto blocked = parts_.kept.blocked.find(previous->plugin.sha256);
  if (!blocked) return failure(blocked.error());
  if (const auto reason = objection(*previous, *blocked))
    return failure(base::fail(base::errc::data, *reason));
  answer_builder answer;
  go_back(name, scanner->plan()->plugin.sha256, "by hand", answer);
  return answer.finish(nothing_changed);
}

std::optional<base::milliseconds> requests::look_at_builds() {
  judge_probations();
  keep_good_builds(std::max<std::uint64_t>(settings_.plugins.probation, 1));
  if (probations_.any()) return probation_period;
  if (any_unproven()) return unproven_period;
  return std::nullopt;
}

void requests::judge_probations() {
  while (const auto failed = probations_.judge()) {
    answer_builder unread;
    go_back(failed->scanner, failed->sha256, failed->reason, unread);
  }
}

void requests::keep_good_builds(std::uint64_t cycles) {
  for (const auto& scanner : parts_.scanners.scanners()) {
    if (!runs_.has_run_well(scanner->status(), cycles)) continue;
    if (const auto kept = parts_.kept.good.keep(*scanner->plan()); !kept)
      log(events::build_not_kept, scanner->name(),
          "its build cannot be kept for the case that a later one crashes: " + kept.error().message,
          {{"error", kept.error().message}});
  }
}

bool requests::any_unproven() const {
  const auto scanners = parts_.scanners.scanners();
  return std::any_of(scanners.begin(), scanners.end(), [this](const auto& scanner) {
    const auto status = scanner->status();
    return !status.blocked && !runs_.is_known(status);
  });
}

// The build is blocked, since otherwise the next comparison of the files would bring it back. Scanners that
// were replaced together are rolled back together.
void requests::go_back(const std::string& name, const std::string& sha256, const std::string& reason,
                       answer_builder& answer) {
  std::vector<planned_replacement> replacements;
  for (const auto& scanner : parts_.scanners.scanners()) {
    const auto now = scanner->plan();
    const auto* previous = probations_.previous_plan(scanner->name());
    const bool goes_along =
        scanner->name() == name || now->settings.reload == config::reload_policy::together;
    if (now->plugin.sha256 != sha256 || previous == nullptr || !goes_along) continue;
    replacements.push_back({scanner, with_build_of(*now, *previous), "rolled_back", reason});
  }
  log(events::build_rolled_back, name, "rolling back to the previous build: " + reason, {{"error", reason}});
  const auto scanner = parts_.scanners.find(name);
  const auto plugin = scanner ? scanner->plan()->settings.plugin : std::string();
  if (const auto blocked = parts_.kept.blocked.block({sha256, name, plugin, "rolled back: " + reason, {}});
      !blocked)
    answer.note(blocked.error().message);
  publish_blocked_builds();
  executor_.replace_together(replacements, limits(), answer);
}

answer requests::release(const std::string& sha256) {
  const auto released = parts_.kept.blocked.release(sha256);
  if (!released) return failure(released.error());
  const auto hash = released->sha256.substr(0, 12);
  log(events::build_released, every_scanner, "released the build " + hash);
  answer_builder answer;
  answer.note(
      fmt::format("released {} ({}), which was blocked: {}", hash, released->plugin, released->reason));
  journal_.forget_refusals();
  auto result = answer.finish("");
  const auto reloaded =
      reload(plan::read_scope::plugins, {});  // the released build may lie in the plugin folder
  result.message +=
      reloaded.message;  // not its code: the build is released, whatever else lies in the folder
  return result;
}

answer requests::list_blocked() {
  const auto blocked = parts_.kept.blocked.list();
  if (!blocked) return failure(blocked.error());
  answer result;
  auto array = nlohmann::ordered_json::array();
  for (const auto& [hash, build] : *blocked) {
    result.message += fmt::format("{} {}: {}\n", hash.substr(0, 12), build.plugin, build.reason);
    array.push_back({{"sha256", hash},
                     {"plugin", build.plugin},
                     {"scanner", build.scanner},
                     {"reason", build.reason},
                     {"since_ms", build.since.time_since_epoch().count()}});
  }
  if (result.message.empty()) result.message = "no build is blocked\n";
  result.data = base::json_line(array);
  return result;
}

}  // namespace scanhost::reload
