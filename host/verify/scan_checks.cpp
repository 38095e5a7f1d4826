// SPDX-License-Identifier: Apache-2.0
//
// Scans with every kind of answer: each scan ends exactly once, counts its errors, and respects its
// thread and phase.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/counted.hpp"
#include "verify/odd_replies.hpp"
#include "verify/subject.hpp"

namespace scanhost::verify {
namespace {

using testing::answer;
using testing::call;

constexpr std::size_t max_moments = 48;  // in a cycle, at which scans are cancelled or dropped

// A scan, and how many of its commands the models of a store do not know.
struct judged_scan {
  const testing::scan_report& scan;
  std::size_t unknown_commands;
};

void judge_ending(const judged_scan& judged, witness& reports) {
  const auto& scan = judged.scan;
  if (scan.failed)
    reports.found(fault::fails_scanner,
                  fmt::format("the scan of {} ends with fail: {}", scan.tag, plugin::one_line(scan.failure)));
}

// What a scan reports when some or all of its commands failed.
void judge_errors(const judged_scan& judged, witness& reports) {
  const auto& scan = judged.scan;
  judge_ending(judged, reports);
  if (!scan.finished || scan.failed_commands == 0) return;
  const auto counts = fmt::format("{} of {} commands failed, and ", scan.failed_commands, scan.commands);
  if (scan.result.errors == 0) reports.found(fault::errors_hidden, counts + "its result has no error");
  if (scan.failed_commands == scan.commands && scan.result.processed > 0)
    reports.found(fault::failures_counted_as_processed,
                  fmt::format("{}its result has {} processed", counts, scan.result.processed));
}

void judge_empty(const judged_scan& judged, witness& reports) {
  const auto& result = judged.scan.result;
  judge_ending(judged, reports);
  if (!judged.scan.finished) return;
  if (result.processed > result.unchanged)
    reports.found(fault::counts_on_empty,
                  fmt::format("in an empty store its result has {} processed and changed",
                              result.processed - result.unchanged));
  // An empty store answers some commands by an error: XINFO of a stream that is not there.
  if (result.errors > 0 && judged.unknown_commands == 0 && judged.scan.failed_commands == 0)
    reports.found(fault::errors_on_empty,
                  fmt::format("in an empty store its result has {}", base::counted(result.errors, "error")));
}

using judgement = void (*)(const judged_scan&, witness&);

void judge_all(trial& life, judgement judge, witness& reports) {
  for (const auto& scan : life.host().reports())
    judge({scan, life.host().unknown_commands(scan.id)}, reports);
}

using answer_instead = std::function<std::optional<answer>(const call&)>;

void play_cycles(child_task& task, behaviour how, judgement judge, std::uint32_t flags = 0) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    if (!how.turns) how.turns = usual(plugin.description).turns;
    trial life(plugin, how, memory, task.reports);
    life.create();
    for (int cycle = 0; cycle < 3; ++cycle) life.cycle(flags);
    task.reports.step("");
    judge_all(life, judge, task.reports);
    life.destroy();
  });
}

void scan(child_task& task) { play_cycles(task, {}, &judge_ending); }
void early_visits(child_task& task) { play_cycles(task, {}, &judge_ending, SCANHOST_VISIT_EARLY); }
void later_host(child_task& task) { play_cycles(task, {.beyond = 64}, &judge_ending); }
void empty_partitions(child_task& task) { play_cycles(task, {.has_data = false}, &judge_empty); }
void odd_answers(child_task& task) {
  play_cycles(task, {.instead = odd_replies(), .plausible = false}, &judge_ending);
}

void play_answers(child_task& task, answer_instead instead, judgement judge) {
  behaviour how;
  how.instead = std::move(instead);
  play_cycles(task, std::move(how), judge);
}

void error_replies(child_task& task) {
  play_answers(
      task, [](const call&) { return answer(testing::error("ERR something is wrong")); }, &judge_errors);
}

bool acts(const call& asked) { return asked.acts() || testing::memory_store::is_script(asked.args.front()); }

void failed_calls(child_task& task) {
  play_answers(
      task,
      [](const call& asked) {
        return acts(asked) ? std::optional<answer>(testing::error("OOM no room")) : std::nullopt;
      },
      &judge_errors);
}

// With and without a reply of the server.
void transient_outcomes(child_task& task) {
  play_answers(
      task,
      [odd = false](const call&) mutable {
        odd = !odd;
        return odd ? testing::transient() : answer(testing::error("LOADING the dataset is loaded"));
      },
      &judge_errors);
}

void permanent_outcomes(child_task& task) {
  play_answers(
      task,
      [odd = false](const call&) mutable {
        odd = !odd;
        return odd ? testing::permanent() : answer(testing::error("NOPERM this user has no permissions"));
      },
      &judge_errors);
}

void refused_commands(child_task& task) {
  play_answers(
      task, [](const call&) { return testing::refused("this host sends no such command"); }, &judge_errors);
}

void held_back_calls(child_task& task) {
  play_answers(
      task,
      [](const call& asked) {
        return asked.acts() ? std::optional<answer>(testing::held_back()) : std::nullopt;
      },
      &judge_ending);
}

// Each turn allows a single candidate, and after some pages turns are refused.
void small_turns(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    for (const std::uint32_t pages : {0U, 1U, 2U, 5U}) {
      auto how = usual(plugin.description);
      how.turns = [pages](std::uint32_t page) { return page < pages ? 1U : 0U; };
      how.judges_calls = true;
      trial life(plugin, std::move(how), memory, task.reports);
      life.create();
      life.cycle();
      task.reports.step("");
      judge_all(life, &judge_ending, task.reports);
      life.destroy();
    }
  });
}

// Runs `play(moment)` for each of the first answers of a cycle.
template <class Play>
void at_each_moment(const subject_plugin& plugin, reply_memory& memory, witness& reports, Play play) {
  trial whole(plugin, usual(plugin.description), memory, reports);
  whole.create();
  whole.cycle();
  const auto moments = std::min(whole.host().answers() + 1, max_moments);
  whole.destroy();
  for (std::size_t moment = 0; moment < moments; ++moment) play(moment);
}

void cancelled_scans(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    at_each_moment(plugin, memory, task.reports, [&](std::size_t moment) {
      auto how = usual(plugin.description);
      how.cancel_after = moment + 1;
      trial life(plugin, std::move(how), memory, task.reports);
      life.create();
      life.begin_cycle();
      life.begin_scans();
      life.run();  // an interrupted cycle has no end_cycle
      task.reports.step("after a cancel");
      judge_all(life, &judge_ending, task.reports);
      life.destroy();
    });
  });
}

// Destroys the instance while scans are in flight: nothing of them may remain, and nothing may be called.
void dropped_scans(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    if (plugin.description.serial) return;  // each of its scans ends inside one call
    at_each_moment(plugin, memory, task.reports, [&](std::size_t moment) {
      trial life(plugin, usual(plugin.description), memory, task.reports);
      life.create();
      life.begin_cycle();
      life.begin_scans();
      while (life.host().answers() < moment && life.step()) {
      }
      life.destroy();
    });
  });
}

// With full and empty partitions, and with answers that are of no use.
void explanations(child_task& task) {
  with_plugin(task, [&](const subject_plugin& plugin, reply_memory& memory) {
    std::vector<behaviour> stores(4);
    stores[1].has_data = false;
    stores[2].instead = [](const call&) { return answer(testing::error("ERR something is wrong")); };
    stores[3].instead = odd_replies();
    for (auto& how : stores) {
      how.turns = usual(plugin.description).turns;
      how.plausible = how.instead == nullptr;
      trial life(plugin, std::move(how), memory, task.reports);
      life.create();
      life.cycle();
      life.explain_items();
      life.destroy();
    }
  });
}

constexpr child_check scan_check_table[] = {
    {scan_check, "scans of full partitions respect threads, phases, turns and the lifetime of replies",
     &scan},
    {"empty_partitions", "in an empty store it finds nothing and reports no errors", &empty_partitions},
    {"early_visits", "an early visit, outside of a cycle, is a scan like any other", &early_visits},
    {"small_turns", "it stops when a turn is refused, and acts on no more candidates than a turn allows",
     &small_turns},
    {"error_replies", "error replies are counted and do not fail the scanner", &error_replies},
    {"failed_calls", "acting calls that fail are counted as errors", &failed_calls},
    {"transient_outcomes", "a command whose outcome is unknown is neither sent again nor counted as done",
     &transient_outcomes},
    {"permanent_outcomes", "permanent outcomes are counted as errors", &permanent_outcomes},
    {"refused_commands", "a command that the host refuses is counted as an error", &refused_commands},
    {"held_back_calls", "an acting call that is held back, as in a dry run, is not an error",
     &held_back_calls},
    {"odd_replies", "replies of another kind or size than expected do no harm", &odd_answers},
    {"cancelled_scans", "a scan that is cancelled at any moment finishes soon", &cancelled_scans},
    {"dropped_scans", "an instance may be destroyed with scans in flight", &dropped_scans},
    {"explanations", "explaining an item only reads, and says something about any text", &explanations},
    {"later_host", "arrays of a later host, whose structs are longer, are walked by their stride",
     &later_host}};

}  // namespace

std::span<const child_check> scan_checks() noexcept { return scan_check_table; }

}  // namespace scanhost::verify
