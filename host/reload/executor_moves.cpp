// SPDX-License-Identifier: Apache-2.0
//
// Moving scanners from one plan to another, and back.
#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "reload/executor.hpp"
#include "runner/log.hpp"

namespace scanhost::reload {
namespace {

using runner::log;
using runner::severity;

constexpr base::milliseconds removal_grace{1000};
constexpr base::milliseconds removal_look{20};
constexpr base::milliseconds stop_patience{15'000};  // as the host has it with the others when it stops

// Ended, or with a thread that hangs.
bool rests(const runner::scanner& one) {
  const auto state = one.status().state;
  return state == runner::scanner_state::stopped || state == runner::scanner_state::stuck;
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const auto& one : reasons) text += (text.empty() ? "" : "; ") + one;
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

void executor::carry_out(const reading& wanted, report& said) {
  auto changes = find_changes(running(), wanted.plans);
  for (auto& one : changes) {
    if (one.kind != change_kind::unchanged || told_.contains(one.scanner)) continue;
    const auto scanner = around_.scanners.find(one.scanner);
    if (scanner && scanner->status().held_back)  // until now
      one = {one.scanner, change_kind::replaced, {"its build is no longer blocked"}};
  }
  for (const auto& one : changes)
    if (one.kind == change_kind::removed && !given_up_) remove(one.scanner, said);
  replace(wanted, changes, said);
  for (const auto& one : changes) {
    if (one.kind != change_kind::added || given_up_) continue;
    for (const auto& plan : wanted.plans)
      if (plan.settings.name == one.scanner) add(plan, said);
  }
}

// Scanners that get a new build of one plugin move together, unless they want to go one by one.
void executor::replace(const reading& wanted, const std::vector<change>& changes, report& said) {
  std::map<std::string, std::vector<move>> groups;  // by plugin and build, or by scanner
  std::vector<std::string> order;
  for (const auto& one : changes) {
    if (one.kind != change_kind::replaced) continue;
    const auto plan = std::find_if(wanted.plans.begin(), wanted.plans.end(),
                                   [&](const auto& each) { return each.settings.name == one.scanner; });
    const auto scanner = around_.scanners.find(one.scanner);
    if (plan == wanted.plans.end() || !scanner) continue;
    const bool new_build = scanner->plan()->plugin.sha256 != plan->plugin.sha256;
    const bool together = new_build && plan->settings.reload == config::reload_policy::together;
    const auto key =
        together ? "plugin " + plan->settings.plugin + " " + plan->plugin.sha256 : "scanner " + one.scanner;
    if (!groups.contains(key)) order.push_back(key);
    groups[key].push_back({scanner, *plan, new_build ? "reloaded" : "retuned", joined(one.reasons)});
  }
  for (const auto& key : order)
    if (!given_up_) swap(groups[key], said);
}

void executor::swap(const std::vector<move>& moves, report& said) {
  std::vector<std::shared_ptr<const runner::scanner_plan>> plans;
  std::vector<runner::scanner_status> statuses;
  for (const auto& one : moves) {
    plans.push_back(one.scanner->plan());
    statuses.push_back(one.scanner->status());
  }
  const auto results = swap_together(moves, given_up_);
  for (std::size_t i = 0; i < moves.size(); ++i)
    swapped(moves[i], *plans[i], statuses[i], results[i].result, said);
}

void executor::swapped(const move& one, const runner::scanner_plan& before,
                       const runner::scanner_status& status, const base::result<runner::replaced>& result,
                       report& said) {
  const auto& name = one.scanner->name();
  const auto& sha256 = one.plan.plugin.sha256;
  if (!result) {
    refuse(name, sha256, result.error().message, said);
    return;
  }
  said.add(name, one.outcome, one.reason + describe(*result));
  count(name, one.outcome.c_str());
  if (before.plugin.sha256 == sha256) return;
  trials_.erase(name);
  one.scanner->on_probation(false);
  if (one.outcome == "rolled_back") {
    before_.erase(name);
    return;
  }
  if (status.held_back) return;  // the build before never ran here
  before_.insert_or_assign(name, before);
  if (settings_.plugins.probation == 0) return;
  trials_.insert_or_assign(name,
                           trial{probation({settings_.plugins.probation, settings_.plugins.error_margin},
                                           share_of_errors(status.totals), one.scanner->status()),
                                 sha256});
  one.scanner->on_probation(true);
}

void executor::add(const runner::scanner_plan& plan, report& said) {
  auto made = std::make_shared<runner::scanner>(plan, around_.loader, around_.registry);
  made->start(base::milliseconds{0});
  around_.scanners.add(std::move(made));
  said.add(plan.settings.name, "started", {});
}

void executor::remove(const std::string& name, report& said) {
  const auto one = around_.scanners.find(name);
  if (!one) return;
  const auto deadline = base::steady::now() + one->plan()->settings.drain_timeout;
  one->request_stop();
  while (!given_up_ && !rests(*one) && base::steady::now() < deadline)
    std::this_thread::sleep_for(removal_look);
  const auto last = std::min(deadline, base::steady::now() + stop_patience);
  const bool stuck = around_.scanners.remove(one, last, removal_grace) == runner::stop_outcome::stuck;
  trials_.erase(name);
  before_.erase(name);
  said.add(name, "stopped", stuck ? "its thread is stuck inside the plugin and is left behind" : "");
}

bool executor::look_after() {
  for (auto at = trials_.begin(); at != trials_.end();) {
    const auto name = at->first;
    const auto one = around_.scanners.find(name);
    const auto judged = one ? at->second.judge.judge(one->status()) : judgement{verdict::passed, {}};
    if (judged.verdict == verdict::undecided) {
      ++at;
      continue;
    }
    const auto sha256 = at->second.sha256;
    trials_.erase(at);
    if (one) one->on_probation(false);
    if (judged.verdict == verdict::failed) {
      report said;
      go_back(sha256, name, judged.reason, said);
    } else if (one) {
      log(severity::info, name, "is off probation");
    }
    at = trials_.begin();
  }
  return !trials_.empty();
}

outcome executor::roll_back(const std::string& scanner) {
  const auto one = around_.scanners.find(scanner);
  if (!one) return failure(base::fail(base::errc::usage, scanner + ": there is no such scanner"));
  const auto before = before_.find(scanner);
  if (before == before_.end())
    return failure(base::fail(base::errc::usage, scanner +
                                                     ": there is no earlier build to go back to; it has "
                                                     "not changed since this host started or was "
                                                     "rolled back"));
  const auto blocked = around_.blocked.find(before->second.plugin.sha256);
  if (!blocked) return failure(blocked.error());
  if (const auto against = objection(before->second, *blocked))
    return failure(base::fail(base::errc::data, *against));
  report said;
  go_back(one->plan()->plugin.sha256, scanner, "by hand", said);
  return said.finish("nothing has changed");
}

// The build is blocked, or the next look at the files would bring it back. Those that moved to it together go
// back together.
void executor::go_back(const std::string& sha256, const std::string& scanner, const std::string& why,
                       report& said) {
  std::vector<move> moves;
  for (const auto& one : around_.scanners.all()) {
    const auto now = one->plan();
    const auto before = before_.find(one->name());
    const bool with_it = one->name() == scanner || now->settings.reload == config::reload_policy::together;
    if (now->plugin.sha256 != sha256 || before == before_.end() || !with_it) continue;
    moves.push_back({one, with_build_of(*now, before->second), "rolled_back", why});
  }
  log(severity::error, scanner, "goes back to the build before: " + why);
  const auto now = around_.scanners.find(scanner);
  const blocked_build block{
      sha256, scanner, now ? now->plan()->settings.plugin : "", "rolled back: " + why, {}};
  if (const auto blocked = around_.blocked.block(block); !blocked) said.note(blocked.error().message);
  swap(moves, said);
}

}  // namespace scanhost::reload
