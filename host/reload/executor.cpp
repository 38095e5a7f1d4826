// SPDX-License-Identifier: Apache-2.0
#include "reload/executor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "runner/stop_limits.hpp"

namespace scanhost::reload {
namespace {

constexpr base::milliseconds removal_grace{1000};
constexpr base::milliseconds removal_poll{20};

// It has ended, or its thread hangs.
bool is_at_rest(const runner::scanner& scanner) {
  const auto state = scanner.status().state;
  return state == runner::scanner_state::stopped || state == runner::scanner_state::stuck;
}

std::string describe(const runner::replaced& result) {
  std::string text;
  if (result.cancelled) text += "; its scans did not end in time and were cancelled";
  if (result.retained) text += "; the old generation did not end and was abandoned";
  if (result.pinned) text += "; the old build stays mapped";
  return text;
}

// Scanners that get a new build of one plugin are replaced together, unless their settings say otherwise.
std::string group_of(const plan::scanner_plan& plan, bool new_build) {
  const bool together = new_build && plan.settings.reload == config::reload_policy::together;
  return together ? fmt::format("plugin {} {}", plan.settings.plugin, plan.plugin.sha256)
                  : fmt::format("scanner {}", plan.settings.name);
}

using replacement_list = std::vector<std::unique_ptr<runner::replacement>>;

// The error of the first generation that cannot be made.
std::optional<base::error> prepare(const std::vector<planned_replacement>& planned,
                                   replacement_list& prepared, const std::atomic<bool>& stopping) {
  for (const auto& [scanner, plan, outcome, reason] : planned) {
    prepared.push_back(std::make_unique<runner::replacement>(*scanner, plan));
    if (auto ready = prepared.back()->prepare(stopping); !ready) {
      const auto& message = ready.error().message;
      return base::fail(ready.error().code,
                        planned.size() == 1 ? message : fmt::format("{}: {}", scanner->name(), message));
    }
  }
  return std::nullopt;
}

std::vector<base::result<runner::replaced>> commit(const std::vector<planned_replacement>& planned,
                                                   const std::atomic<bool>& stopping) {
  replacement_list prepared;
  if (auto problem = prepare(planned, prepared, stopping))
    return std::vector<base::result<runner::replaced>>(planned.size(), *problem);
  for (const auto& replacement : prepared) replacement->retire();
  std::vector<base::result<runner::replaced>> results;
  for (std::size_t i = 0; i < planned.size(); ++i)
    results.push_back(prepared[i]->commit(planned[i].outcome, planned[i].reason));
  return results;
}

}  // namespace

void executor::carry_out(const plan::target& target, const std::vector<change>& changes,
                         probation_limits limits, answer_builder& answer) {
  for (const auto& change : changes)
    if (change.kind == change_kind::removed && !stopping_) stop(change.scanner, answer);
  adjust_changed(target, changes, answer);
  replace_changed(target, changes, limits, answer);
  for (const auto& change : changes) {
    const auto* plan = plan::find_plan(target.plans, change.scanner);
    if (change.kind == change_kind::added && plan != nullptr && !stopping_) start(*plan, answer);
  }
}

void executor::adjust_changed(const plan::target& target, const std::vector<change>& changes,
                              answer_builder& answer) {
  for (const auto& change : changes) {
    const auto* plan = plan::find_plan(target.plans, change.scanner);
    const auto scanner = scanners_.find(change.scanner);
    if (change.kind != change_kind::adjusted || plan == nullptr || !scanner) continue;
    auto reason = fmt::format("{}", fmt::join(change.reasons, "; "));
    scanner->adjust(*plan, reason);
    journal_.count(change.scanner, "adjusted");
    answer.add(change.scanner, "adjusted", std::move(reason));
  }
}

void executor::replace_changed(const plan::target& target, const std::vector<change>& changes,
                               probation_limits limits, answer_builder& answer) {
  std::map<std::string, std::vector<planned_replacement>> groups;
  std::vector<std::string> order;
  for (const auto& change : changes) {
    const auto* plan = plan::find_plan(target.plans, change.scanner);
    const auto scanner = scanners_.find(change.scanner);
    if (change.kind != change_kind::replaced || plan == nullptr || !scanner) continue;
    const bool new_build = scanner->plan()->plugin.sha256 != plan->plugin.sha256;
    const auto group = group_of(*plan, new_build);
    if (!groups.contains(group)) order.push_back(group);
    groups[group].push_back({scanner, *plan, new_build ? "reloaded" : "retuned",
                             fmt::format("{}", fmt::join(change.reasons, "; "))});
  }
  for (const auto& group : order)
    if (!stopping_) replace_together(groups[group], limits, answer);
}

void executor::replace_together(const std::vector<planned_replacement>& replacements, probation_limits limits,
                                answer_builder& answer) {
  std::vector<std::shared_ptr<const plan::scanner_plan>> plans;
  std::vector<runner::scanner_status> statuses;
  for (const auto& replacement : replacements) {
    plans.push_back(replacement.scanner->plan());
    statuses.push_back(replacement.scanner->status());
  }
  const auto results = commit(replacements, stopping_);
  for (std::size_t i = 0; i < replacements.size(); ++i)
    finish(replacements[i], *plans[i], statuses[i], results[i], limits, answer);
}

void executor::finish(const planned_replacement& replacement, const plan::scanner_plan& before,
                      const runner::scanner_status& status_before,
                      const base::result<runner::replaced>& result, probation_limits limits,
                      answer_builder& answer) {
  const auto& [scanner, plan, outcome, reason] = replacement;
  const auto& name = scanner->name();
  if (!result) return journal_.refuse(name, plan.plugin.sha256, result.error().message, answer);
  answer.add(name, outcome, reason + describe(*result));
  journal_.count(name, outcome);
  if (before.plugin.sha256 == plan.plugin.sha256) return;
  probations_.end(*scanner);
  if (outcome == "rolled_back")
    probations_.forget(name);
  else if (!status_before.blocked)  // otherwise the previous build never ran here
    probations_.begin(*scanner, before, status_before, limits);
}

void executor::start(const plan::scanner_plan& plan, answer_builder& answer) {
  auto scanner = std::make_shared<runner::scanner>(plan, loader_, registry_);
  scanner->recall(histories_.find(plan.settings.name));
  pauses_.visit(plan.settings.name, [&](const runner::pause_details* pause) {
    if (pause != nullptr) scanner->set_paused(true, *pause);
    scanner->start(base::milliseconds{0});
    scanners_.add(scanner);
  });
  answer.add(plan.settings.name, "started", {});
}

void executor::stop(const std::string& name, answer_builder& answer) {
  const auto scanner = scanners_.find(name);
  if (!scanner) return;
  const auto deadline = base::steady::now() + scanner->plan()->settings.drain_timeout;
  scanner->request_stop();
  while (!stopping_ && !is_at_rest(*scanner) && base::steady::now() < deadline)
    std::this_thread::sleep_for(removal_poll);
  scanner->end_series();
  const auto last = std::min(deadline, base::steady::now() + runner::stop_patience);
  const bool stuck = scanners_.remove(scanner, last, removal_grace) == runner::stop_outcome::stuck;
  probations_.forget(name);
  answer.add(name, "stopped", stuck ? "its thread is stuck inside the plugin and was abandoned" : "");
}

}  // namespace scanhost::reload
