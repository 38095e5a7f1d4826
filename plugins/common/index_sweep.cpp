// SPDX-License-Identifier: Apache-2.0
//
// The pass over one index.
#include "common/index_sweep.hpp"

#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::scan_context;

// What a walk did so far, as the next cycle wants to know it.
struct progress {
  std::uint32_t acted_on = 0;
  bool all_progressed = true;  // no candidate that was acted on is still where it was

  // Yields how many of the page were acted on.
  std::uint32_t add(const page& handled) {
    std::uint32_t on_page = 0;
    for (const auto& one : handled.candidates) {
      if (!one.acted_on) continue;
      ++on_page;
      if (one.entry == fate::stays && !one.progressed) all_progressed = false;
    }
    acted_on += on_page;
    return on_page;
  }
};

// The oldest candidate of a page that nobody looked at.
std::optional<scanhost::timestamp> first_unexamined(const page& offered) {
  for (const auto& one : offered.candidates)
    if (one.entry == fate::unexamined) return one.due;
  return std::nullopt;
}

}  // namespace

scanhost::task<sweep_end> sweep_index(scan_context& scan, pass_state& pass, std::string key, due_rule rule,
                                      index_memory& memory, page_handler& handler, tally& counts) {
  index_walk walk(key, rule, memory, scan.early());
  const auto limit = counts.host().page_size();
  const auto turns = scan.pass(pass.number);
  progress done;
  std::optional<scanhost::timestamp> left_over;
  while (!walk.done()) {
    const auto turn = co_await turns.next_page(std::exchange(pass.acted_on, 0));
    if (!turn) break;
    page offered;
    offered.allowance = turn.allowance;
    offered.read_at = scan.now();
    const auto answers = co_await scan.execute(walk.query(offered.read_at, limit));
    const auto answer = answers.front();
    if (answer.cancelled()) {
      counts.cancel();
      break;
    }
    if (!answer.ok() || !walk.take(answer.reply(), offered.read_at, limit, offered)) {
      counts.error(joined("reading ", printable(key)), answer);
      co_return sweep_end::failed;
    }
    if (!offered.candidates.empty()) co_await handler.handle(scan, offered, walk, counts);
    pass.acted_on = done.add(offered);
    left_over = first_unexamined(offered);
    walk.advance(offered);
    if (counts.cancelled()) break;
  }
  // A page of candidates that were done leaves the head to the next ones. Where some of them stay, the next
  // cycle goes on behind them, so that they hide nobody.
  walk.stop(!(done.acted_on >= limit && done.all_progressed));
  if (left_over && rule.scored) counts.waits(*left_over);
  counts.comes(walk.next_due());
  co_return walk.done() ? sweep_end::done : sweep_end::stopped;
}

}  // namespace ff
