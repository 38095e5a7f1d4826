// SPDX-License-Identifier: Apache-2.0
//
// Reading what is wanted, and which build each scanner is to have of it. The rest is in executor_moves.cpp.
#include "reload/executor.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.hpp"

namespace scanhost::reload {
namespace {

using base::log;
using base::severity;

constexpr const char* everybody = "reload";  // in the log, where no single scanner is meant

}  // namespace

executor::executor(reloader::surroundings around, config::settings now, const std::atomic<bool>& given_up)
    : around_(std::move(around)), settings_(std::move(now)), given_up_(given_up) {}

std::vector<plan::scanner_plan> executor::running() const {
  std::vector<plan::scanner_plan> plans;
  for (const auto& scanner : around_.scanners.scanners()) plans.push_back(*scanner->plan());
  return plans;
}

outcome executor::reload(plan::source from, const std::vector<std::string>& only) {
  auto target = around_.read(from, running());
  if (!target) {
    log(severity::error, everybody, "refused, nothing has changed: " + target.error().message);
    count("", "refused");
    return failure(target.error());
  }
  if (auto all_there = leave_others(*target, only); !all_there) return failure(all_there.error());
  report answer;
  if (from == plan::source::configuration)
    for (const auto& warning : target->warnings) answer.note(warning);
  if (auto settled = settle_builds(*target, answer); !settled) return failure(settled.error());
  carry_out(*target, answer);
  for (const auto& need : find_restart_needs(settings_, target->settings))
    answer.note("needs a restart of the host: " + need);
  settings_ = target->settings;
  around_.applied(settings_);
  return answer.finish("nothing has changed");
}

// Scanners that are not meant stay as they are, and none comes or goes.
base::result<void> executor::leave_others(plan::target& target, const std::vector<std::string>& only) const {
  if (only.empty()) return {};
  for (const auto& name : only)
    if (!around_.scanners.find(name))
      return base::fail(base::errc::usage, name + ": there is no such scanner; see scanhost ctl status");
  auto plans = running();
  for (auto& plan : plans) {
    if (std::find(only.begin(), only.end(), plan.settings.name) == only.end()) continue;
    for (const auto& candidate : target.plans)
      if (candidate.settings.name == plan.settings.name) plan = candidate;
  }
  target.plans = std::move(plans);
  return {};
}

outcome executor::plan() {
  auto target = around_.read(plan::source::configuration, running());
  if (!target) return failure(target.error());
  report answer;
  if (auto settled = settle_builds(*target, answer); !settled) return failure(settled.error());
  const changes found{find_changes(running(), target->plans),
                      find_restart_needs(settings_, target->settings)};
  auto result = answer.finish("");
  result.message = (answer.empty() ? "" : result.message) + to_text(found);
  result.data = to_json(found);
  return result;
}

base::result<void> executor::settle_builds(plan::target& target, report& answer) {
  std::vector<plan::scanner_plan> plans;
  for (auto& plan : target.plans) {
    auto blocked = around_.blocked.find(plan.plugin.sha256);
    if (!blocked) return blocked.error();
    const auto ran = around_.scanners.find(plan.settings.name);
    const bool runs_already =
        ran && !ran->status().held_back && ran->plan()->plugin.sha256 == plan.plugin.sha256;
    // What runs may go on though it is blocked, but a pin to another build is new, and must be told.
    auto against = objection(plan, runs_already ? std::nullopt : *blocked);
    if (const auto refused = target.refused.find(plan.settings.plugin);
        !against && refused != target.refused.end())
      against = refused->second;
    if (against) {
      const bool has_build = !target.refused.contains(plan.settings.plugin);
      refuse(plan.settings.name, has_build ? plan.plugin.sha256 : std::string(), *against, answer);
      if (!ran) continue;  // a new scanner without a build that it may run
      plan = with_build_of(plan, *ran->plan());
    } else {
      recorded_refusals_.erase(plan.settings.name);
    }
    plans.push_back(std::move(plan));
  }
  target.plans = std::move(plans);
  return {};
}

// To whom it may concern: each time in the answer, once in log, history and metric.
void executor::refuse(const std::string& scanner, const std::string& sha256, const std::string& reason,
                      report& answer) {
  answer.add(scanner, "refused", reason);
  answer.failed(base::errc::data);
  if (std::exchange(recorded_refusals_[scanner], reason) == reason) return;
  const auto affected = around_.scanners.find(scanner);
  if (affected && affected->status().held_back && affected->status().last_error == reason)
    return;  // told at the start
  log(severity::error, scanner, "a reload is refused, what ran goes on: " + reason);
  count(scanner, "refused");
  if (affected) affected->refused(sha256, reason);
}

void executor::count(const std::string& scanner, const char* what) {
  around_.registry
      .counter("scanhost_reloads_total", "Reloads, by what came of them.",
               {{"scanner", scanner}, {"outcome", what}})
      .add();
}

outcome executor::release(const std::string& sha256) {
  auto released = around_.blocked.release(sha256);
  if (!released) return failure(released.error());
  log(severity::info, everybody, "released the build " + released->sha256.substr(0, 12));
  report answer;
  answer.note("released " + released->sha256.substr(0, 12) + " (" + released->plugin +
              "), which was blocked: " + released->reason);
  recorded_refusals_.clear();
  auto result = answer.finish("");
  const auto after = reload(plan::source::plugins, {});  // it may be the one that lies there
  result.message += after.message;
  result.code = after.code;
  return result;
}

outcome executor::list_blocked() {
  const auto blocked = around_.blocked.list();
  if (!blocked) return failure(blocked.error());
  outcome result;
  auto array = nlohmann::ordered_json::array();
  for (const auto& [hash, build] : *blocked) {
    result.message += hash.substr(0, 12) + " " + build.plugin + ": " + build.reason + "\n";
    array.push_back({{"sha256", hash},
                     {"plugin", build.plugin},
                     {"scanner", build.scanner},
                     {"reason", build.reason},
                     {"since_ms", build.since.time_since_epoch().count()}});
  }
  if (result.message.empty()) result.message = "no build is blocked\n";
  result.data = array.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return result;
}

}  // namespace scanhost::reload
