// SPDX-License-Identifier: Apache-2.0
//
// Moving scanners from one plan to another, and back.
#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "reload/executor.hpp"

namespace scanhost::reload {
namespace {

using base::log;
using base::severity;

constexpr base::milliseconds removal_grace{1000};
constexpr base::milliseconds removal_look{20};
constexpr base::milliseconds stop_patience{15'000};  // as the host has it with the others when it stops

// Ended, or with a thread that hangs.
bool rests(const runner::scanner& scanner) {
  const auto state = scanner.status().state;
  return state == runner::scanner_state::stopped || state == runner::scanner_state::stuck;
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

std::string describe(const runner::replaced& how) {
  std::string text;
  if (how.cancelled) text += "; its scans did not end in time and were cancelled";
  if (how.retained) text += "; the old generation will not end and is left behind";
  if (how.pinned) text += "; the old build stays mapped";
  return text;
}

}  // namespace

void executor::carry_out(const plan::target& target, report& answer) {
  auto changes = find_changes(running(), target.plans);
  for (auto& change : changes) {
    if (change.kind != change_kind::unchanged || recorded_refusals_.contains(change.scanner)) continue;
    const auto scanner = around_.scanners.find(change.scanner);
    if (scanner && scanner->status().held_back)  // until now
      change = {change.scanner, change_kind::replaced, {"its build is no longer blocked"}};
  }
  for (const auto& change : changes)
    if (change.kind == change_kind::removed && !given_up_) remove(change.scanner, answer);
  replace(target, changes, answer);
  for (const auto& change : changes) {
    if (change.kind != change_kind::added || given_up_) continue;
    for (const auto& plan : target.plans)
      if (plan.settings.name == change.scanner) add(plan, answer);
  }
}

// Scanners that get a new build of one plugin move together, unless they want to go one by one.
void executor::replace(const plan::target& target, const std::vector<change>& changes, report& answer) {
  std::map<std::string, std::vector<move>> groups;  // by plugin and build, or by scanner
  std::vector<std::string> order;
  for (const auto& change : changes) {
    if (change.kind != change_kind::replaced) continue;
    const auto plan = std::find_if(target.plans.begin(), target.plans.end(),
                                   [&](const auto& each) { return each.settings.name == change.scanner; });
    const auto scanner = around_.scanners.find(change.scanner);
    if (plan == target.plans.end() || !scanner) continue;
    const bool new_build = scanner->plan()->plugin.sha256 != plan->plugin.sha256;
    const bool together = new_build && plan->settings.reload == config::reload_policy::together;
    const auto key = together ? "plugin " + plan->settings.plugin + " " + plan->plugin.sha256
                              : "scanner " + change.scanner;
    if (!groups.contains(key)) order.push_back(key);
    groups[key].push_back({scanner, *plan, new_build ? "reloaded" : "retuned", joined(change.reasons)});
  }
  for (const auto& key : order)
    if (!given_up_) swap(groups[key], answer);
}

void executor::swap(const std::vector<move>& moves, report& answer) {
  std::vector<std::shared_ptr<const plan::scanner_plan>> plans;
  std::vector<runner::scanner_status> statuses;
  for (const auto& scanner_move : moves) {
    plans.push_back(scanner_move.scanner->plan());
    statuses.push_back(scanner_move.scanner->status());
  }
  const auto results = swap_together(moves, given_up_);
  for (std::size_t i = 0; i < moves.size(); ++i)
    swapped(moves[i], *plans[i], statuses[i], results[i].result, answer);
}

void executor::swapped(const move& scanner_move, const plan::scanner_plan& before,
                       const runner::scanner_status& status, const base::result<runner::replaced>& result,
                       report& answer) {
  const auto& name = scanner_move.scanner->name();
  const auto& sha256 = scanner_move.plan.plugin.sha256;
  if (!result) {
    refuse(name, sha256, result.error().message, answer);
    return;
  }
  answer.add(name, scanner_move.outcome, scanner_move.reason + describe(*result));
  count(name, scanner_move.outcome.c_str());
  if (before.plugin.sha256 == sha256) return;
  trials_.erase(name);
  scanner_move.scanner->on_probation(false);
  if (scanner_move.outcome == "rolled_back") {
    before_.erase(name);
    return;
  }
  if (status.held_back) return;  // the build before never ran here
  before_.insert_or_assign(name, before);
  if (settings_.plugins.probation == 0) return;
  trials_.insert_or_assign(name,
                           trial{probation({settings_.plugins.probation, settings_.plugins.error_margin},
                                           share_of_errors(status.totals), scanner_move.scanner->status()),
                                 sha256});
  scanner_move.scanner->on_probation(true);
}

void executor::add(const plan::scanner_plan& plan, report& answer) {
  auto scanner = std::make_shared<runner::scanner>(plan, around_.loader, around_.registry);
  scanner->start(base::milliseconds{0});
  around_.scanners.add(std::move(scanner));
  answer.add(plan.settings.name, "started", {});
}

void executor::remove(const std::string& name, report& answer) {
  const auto scanner = around_.scanners.find(name);
  if (!scanner) return;
  const auto deadline = base::steady::now() + scanner->plan()->settings.drain_timeout;
  scanner->request_stop();
  while (!given_up_ && !rests(*scanner) && base::steady::now() < deadline)
    std::this_thread::sleep_for(removal_look);
  const auto last = std::min(deadline, base::steady::now() + stop_patience);
  const bool stuck = around_.scanners.remove(scanner, last, removal_grace) == runner::stop_outcome::stuck;
  trials_.erase(name);
  before_.erase(name);
  answer.add(name, "stopped", stuck ? "its thread is stuck inside the plugin and is left behind" : "");
}

bool executor::look_after() {
  for (auto at = trials_.begin(); at != trials_.end();) {
    const auto name = at->first;
    const auto scanner = around_.scanners.find(name);
    const auto judged = scanner ? at->second.judge.judge(scanner->status()) : judgement{verdict::passed, {}};
    if (judged.verdict == verdict::undecided) {
      ++at;
      continue;
    }
    const auto sha256 = at->second.sha256;
    trials_.erase(at);
    if (scanner) scanner->on_probation(false);
    if (judged.verdict == verdict::failed) {
      report answer;
      go_back(sha256, name, judged.reason, answer);
    } else if (scanner) {
      log(severity::info, name, "is off probation");
    }
    at = trials_.begin();
  }
  return !trials_.empty();
}

outcome executor::roll_back(const std::string& scanner) {
  const auto affected = around_.scanners.find(scanner);
  if (!affected) return failure(base::fail(base::errc::usage, scanner + ": there is no such scanner"));
  const auto before = before_.find(scanner);
  if (before == before_.end())
    return failure(base::fail(
        base::errc::usage,
        scanner +
            ": there is no earlier build to go back to; it has not changed since this host started or was rolled back"));
  const auto blocked = around_.blocked.find(before->second.plugin.sha256);
  if (!blocked) return failure(blocked.error());
  if (const auto against = objection(before->second, *blocked))
    return failure(base::fail(base::errc::data, *against));
  report answer;
  go_back(affected->plan()->plugin.sha256, scanner, "by hand", answer);
  return answer.finish("nothing has changed");
}

// The build is blocked, or the next look at the files would bring it back. Those that moved to it together go
// back together.
void executor::go_back(const std::string& sha256, const std::string& scanner, const std::string& why,
                       report& answer) {
  std::vector<move> moves;
  for (const auto& candidate : around_.scanners.scanners()) {
    const auto now = candidate->plan();
    const auto before = before_.find(candidate->name());
    const bool with_it =
        candidate->name() == scanner || now->settings.reload == config::reload_policy::together;
    if (now->plugin.sha256 != sha256 || before == before_.end() || !with_it) continue;
    moves.push_back({candidate, with_build_of(*now, before->second), "rolled_back", why});
  }
  log(severity::error, scanner, "goes back to the build before: " + why);
  const auto now = around_.scanners.find(scanner);
  const blocked_build block{
      sha256, scanner, now ? now->plan()->settings.plugin : "", "rolled back: " + why, {}};
  if (const auto blocked = around_.blocked.block(block); !blocked) answer.note(blocked.error().message);
  swap(moves, answer);
}

}  // namespace scanhost::reload
