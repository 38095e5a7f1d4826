// SPDX-License-Identifier: Apache-2.0
#include "admin/item_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/time_text.hpp"
#include "runner/record/pause_details.hpp"

namespace scanhost::admin {
namespace {

using runner::scanner_state;

// What says most comes first.
constexpr std::array order{standing::due,       standing::held,    standing::waiting,  standing::filtered,
                           standing::malformed, standing::unknown, standing::in_order, standing::not_here};

standing strongest(const std::vector<runner::item_finding>& findings) {
  for (const auto where : order)
    if (std::ranges::count(findings, where, &runner::item_finding::where) > 0) return where;
  return standing::unknown;
}

bool sweeps(scanner_state state) noexcept {
  return state == scanner_state::starting || state == scanner_state::waiting ||
         state == scanner_state::cycling;
}

void add_back_offs(const runner::failure_list& failures, std::vector<std::string>& obstacles) {
  for (const auto& failing : failures.items) {
    if (failing.cycles_left == 0) continue;
    const auto until = failing.next_try ? "until " + base::utc_text(*failing.next_try) : "for now";
    obstacles.push_back(fmt::format("it is in back-off {} after {} failures{}{}", until, failing.times,
                                    failing.message.empty() ? "" : ", the last of them: ", failing.message));
  }
}

std::vector<std::string> obstacles_of(const scanner_explanation& explained) {
  const auto& status = explained.status;
  std::vector<std::string> obstacles;
  if (status.paused) obstacles.push_back("the scanner is " + to_text(status.pause));
  if (status.blocked) obstacles.push_back("the scanner does not run: " + status.last_error);
  if (status.waits_for)
    obstacles.push_back(fmt::format("the scanner waits for {}", status.waits_for->functions));
  else if (!status.blocked && !sweeps(status.state))
    obstacles.push_back(fmt::format("the scanner's state is {}", to_text(status.state)));
  if (status.dry_run) obstacles.emplace_back("the scanner runs dry: its changes are held back");
  if (!status.failing.empty())
    obstacles.push_back("each of its commands failed in the last cycle: " + status.failing);
  add_back_offs(explained.failures, obstacles);
  return obstacles;
}

std::optional<base::timestamp> earliest_due(const std::vector<runner::item_finding>& findings) {
  std::optional<base::timestamp> earliest;
  for (const auto& found : findings)
    if (found.where == standing::waiting && found.due && (!earliest || *found.due < *earliest))
      earliest = found.due;
  return earliest;
}

std::optional<base::timestamp> moment_of(const scanner_explanation& explained, standing where,
                                         base::timestamp now) {
  if (where == standing::waiting) return earliest_due(explained.answer.findings);
  if (explained.status.state == scanner_state::cycling) return now;
  return explained.status.next_cycle ? std::max(*explained.status.next_cycle, now)
                                     : std::optional<base::timestamp>();
}

}  // namespace

item_verdict judge_item(const scanner_explanation& explained, base::timestamp now) {
  item_verdict verdict;
  verdict.where = strongest(explained.answer.findings);
  if (verdict.where != standing::due && verdict.where != standing::waiting) {
    add_back_offs(explained.failures, verdict.obstacles);
    return verdict;
  }
  verdict.obstacles = obstacles_of(explained);
  verdict.acts = verdict.obstacles.empty();
  if (verdict.acts) verdict.at = moment_of(explained, verdict.where, now);
  return verdict;
}

}  // namespace scanhost::admin
