// SPDX-License-Identifier: Apache-2.0
//
// Reading what is wanted, and which build each scanner is to have of it. The rest is in executor_moves.cpp.
#include "reload/executor.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "runner/log.hpp"

namespace scanhost::reload {
namespace {

using runner::log;
using runner::severity;

constexpr const char* everybody = "reload";  // in the log, where no single scanner is meant

}  // namespace

executor::executor(reloader::surroundings around, config::settings now, const std::atomic<bool>& given_up)
    : around_(std::move(around)), settings_(std::move(now)), given_up_(given_up) {}

std::vector<runner::scanner_plan> executor::running() const {
  std::vector<runner::scanner_plan> plans;
  for (const auto& one : around_.scanners.all()) plans.push_back(*one->plan());
  return plans;
}

outcome executor::reload(source from, const std::vector<std::string>& only) {
  auto wanted = around_.read(from, running());
  if (!wanted) {
    log(severity::error, everybody, "refused, nothing has changed: " + wanted.error().message);
    count("", "refused");
    return failure(wanted.error());
  }
  if (auto all_there = leave_others(*wanted, only); !all_there) return failure(all_there.error());
  report said;
  if (from == source::configuration)
    for (const auto& warning : wanted->warnings) said.note(warning);
  if (auto settled = settle_builds(*wanted, said); !settled) return failure(settled.error());
  carry_out(*wanted, said);
  for (const auto& need : find_restart_needs(settings_, wanted->settings))
    said.note("needs a restart of the host: " + need);
  settings_ = wanted->settings;
  around_.applied(settings_);
  return said.finish("nothing has changed");
}

// Scanners that are not meant stay as they are, and none comes or goes.
base::result<void> executor::leave_others(reading& wanted, const std::vector<std::string>& only) const {
  if (only.empty()) return {};
  for (const auto& name : only)
    if (!around_.scanners.find(name))
      return base::fail(base::errc::usage, name + ": there is no such scanner; see scanhost ctl status");
  auto plans = running();
  for (auto& plan : plans) {
    if (std::find(only.begin(), only.end(), plan.settings.name) == only.end()) continue;
    for (const auto& one : wanted.plans)
      if (one.settings.name == plan.settings.name) plan = one;
  }
  wanted.plans = std::move(plans);
  return {};
}

outcome executor::plan() {
  auto wanted = around_.read(source::configuration, running());
  if (!wanted) return failure(wanted.error());
  report said;
  if (auto settled = settle_builds(*wanted, said); !settled) return failure(settled.error());
  const changes found{find_changes(running(), wanted->plans),
                      find_restart_needs(settings_, wanted->settings)};
  auto made = said.finish("");
  made.message = (said.empty() ? "" : made.message) + to_text(found);
  made.data = to_json(found);
  return made;
}

base::result<void> executor::settle_builds(reading& wanted, report& said) {
  std::vector<runner::scanner_plan> plans;
  for (auto& plan : wanted.plans) {
    auto blocked = around_.blocked.find(plan.plugin.sha256);
    if (!blocked) return blocked.error();
    const auto ran = around_.scanners.find(plan.settings.name);
    const bool runs_already =
        ran && !ran->status().held_back && ran->plan()->plugin.sha256 == plan.plugin.sha256;
    // What runs may go on though it is blocked, but a pin to another build is new, and must be told.
    auto against = objection(plan, runs_already ? std::nullopt : *blocked);
    if (const auto refused = wanted.refused.find(plan.settings.plugin);
        !against && refused != wanted.refused.end())
      against = refused->second;
    if (against) {
      const bool has_build = !wanted.refused.contains(plan.settings.plugin);
      refuse(plan.settings.name, has_build ? plan.plugin.sha256 : std::string(), *against, said);
      if (!ran) continue;  // a new scanner without a build that it may run
      plan = with_build_of(plan, *ran->plan());
    } else {
      told_.erase(plan.settings.name);
    }
    plans.push_back(std::move(plan));
  }
  wanted.plans = std::move(plans);
  return {};
}

// To whom it may concern: each time in the answer, once in log, history and metric.
void executor::refuse(const std::string& scanner, const std::string& sha256, const std::string& reason,
                      report& said) {
  said.add(scanner, "refused", reason);
  said.failed(base::errc::data);
  if (std::exchange(told_[scanner], reason) == reason) return;
  const auto one = around_.scanners.find(scanner);
  if (one && one->status().held_back && one->status().last_error == reason) return;  // told at the start
  log(severity::error, scanner, "a reload is refused, what ran goes on: " + reason);
  count(scanner, "refused");
  if (one) one->refused(sha256, reason);
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
  report said;
  said.note("released " + released->sha256.substr(0, 12) + " (" + released->plugin +
            "), which was blocked: " + released->reason);
  told_.clear();
  auto made = said.finish("");
  const auto after = reload(source::plugins, {});  // it may be the one that lies there
  made.message += after.message;
  made.code = after.code;
  return made;
}

outcome executor::list_blocked() {
  const auto all = around_.blocked.list();
  if (!all) return failure(all.error());
  outcome made;
  auto array = nlohmann::ordered_json::array();
  for (const auto& [hash, one] : *all) {
    made.message += hash.substr(0, 12) + " " + one.plugin + ": " + one.reason + "\n";
    array.push_back({{"sha256", hash},
                     {"plugin", one.plugin},
                     {"scanner", one.scanner},
                     {"reason", one.reason},
                     {"since_ms", one.since.time_since_epoch().count()}});
  }
  if (made.message.empty()) made.message = "no build is blocked\n";
  made.data = array.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return made;
}

}  // namespace scanhost::reload
