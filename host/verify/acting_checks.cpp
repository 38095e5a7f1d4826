// SPDX-License-Identifier: Apache-2.0
//
// Whether scans do their work: they find something to act on, count it, keep to their turns, and reach every
// candidate.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/counted.hpp"
#include "verify/subject.hpp"

namespace scanhost::verify {
namespace {

using candidates = std::map<std::string, std::vector<std::string>>;  // by partition, in order

constexpr std::uint32_t small_page = 4;  // smaller than what an index has
constexpr std::uint32_t max_pages = 20;  // of a pass, in a scan: more than an index has
constexpr int max_cycles = 8;  // of one life; items in back-off are not tried again before the tenth

void play(trial& life, int cycles) {
  life.create();
  for (int cycle = 0; cycle < cycles; ++cycle) life.cycle();
}

void exercised(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    trial life(plugin, usual(plugin.description), memory, task.reports);
    play(life, 3);
    task.reports.step("");
    const auto seen = life.host().exercised();
    task.reports.exercised(seen);
    if (seen.commands == 0)
      task.reports.found(fault::nothing_exercised,
                         fmt::format("its {} send no command", base::counted(seen.scans, "scan")));
    else if (!seen.seen_at_work())
      task.reports.found(
          fault::nothing_exercised,
          fmt::format("its {} read with {}, but no acting call was sent and no candidate was processed",
                      base::counted(seen.scans, "scan"), base::counted(seen.commands, "command")));
    life.destroy();
  });
}

behaviour in_small_pages() {
  behaviour how;
  how.turns = [](std::uint32_t page) { return page < max_pages ? small_page : 0; };
  return how;
}

// The allowance is smaller than the page size that the plugin knows; cursors keep to COUNT, and then offer
// small collections whole, as servers do.
void acting_calls(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    for (const bool whole : {false, true}) {
      auto how = in_small_pages();
      how.judges_calls = true;
      how.whole_collections = whole;
      trial life(plugin, std::move(how), memory, task.reports);
      play(life, 3);
      task.reports.step("");
      life.host().judge_calls();
      life.destroy();
    }
  });
}

// What a life acts on, in a store that nobody refills. The calls about `stuck` candidates fail.
candidates reached(const subject_plugin& plugin, reply_memory& memory, witness& reports,
                   const candidates& stuck) {
  auto how = in_small_pages();
  how.page_size = small_page;
  how.refills = false;
  how.back_off = true;
  how.effects = [&stuck](const testing::call& asked) {
    const auto there = stuck.find(asked.tag);
    const auto& item = asked.item.empty() ? asked.text() : asked.item;
    const bool fails = there != stuck.end() &&
                       std::find(there->second.begin(), there->second.end(), item) != there->second.end();
    return fails ? testing::effect::fails : testing::effect::removes_item;
  };
  trial life(plugin, std::move(how), memory, reports);
  play(life, max_cycles);
  auto acted_on = life.host().sent().acted_on();
  life.destroy();
  return acted_on;
}

// The candidates that a partition's scans meet first: a page of them.
candidates first_page_of(const candidates& all) {
  candidates first;
  for (const auto& [tag, items] : all) {
    const auto end = items.begin() + std::min<std::ptrdiff_t>(small_page, std::ssize(items));
    first.emplace(tag, std::vector(items.begin(), end));
  }
  return first;
}

void stuck_candidates(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    const auto candidates = reached(plugin, memory, task.reports, {});
    const auto stuck = first_page_of(candidates);
    const auto with_stuck = reached(plugin, memory, task.reports, stuck);
    task.reports.step("");
    for (const auto& [tag, items] : candidates) {
      const auto there = with_stuck.find(tag);
      const auto missing = std::count_if(items.begin(), items.end(), [&](const std::string& item) {
        return there == with_stuck.end() ||
               std::find(there->second.begin(), there->second.end(), item) == there->second.end();
      });
      if (missing == 0) continue;
      task.reports.found(
          fault::hides_candidates,
          fmt::format("{} of {}{} are not reached in {} cycles while the calls of {} in front of them fail",
                      missing, base::counted(items.size(), "candidate"), tag.empty() ? "" : " of " + tag,
                      max_cycles, stuck.at(tag).size()));
    }
  });
}

constexpr child_check acting_check_table[] = {
    {"exercised", "the checks see it at work: its scans act, or process what they only read", &exercised},
    {"acting_calls", "each call that changes an item is marked and allowed by a turn", &acting_calls},
    {"stuck_candidates", "a page of candidates that stay hides none of those behind it", &stuck_candidates}};

}  // namespace

std::span<const child_check> acting_checks() noexcept { return acting_check_table; }

}  // namespace scanhost::verify
