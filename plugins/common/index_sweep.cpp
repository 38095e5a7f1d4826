// SPDX-License-Identifier: Apache-2.0
#include "common/index_sweep.hpp"

#include <algorithm>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// After so many failures in a row an item is held back. An index that stalls more often may have more failing
// ones at its head than the back-off holds back at a time.
constexpr std::uint32_t max_stalled = 3;

// What a walk did so far, as the next cycle wants to know it.
struct progress {
  std::uint32_t acted_on = 0;
  bool moved = false;   // a candidate that was acted on left the index, or was changed
  bool stayed = false;  // one is still where it was, though nothing failed

  // Yields how many of the page were acted on.
  std::uint32_t add(const page& handled) {
    std::uint32_t on_page = 0;
    for (const auto& candidate : handled.candidates) {
      if (!candidate.acted_on) continue;
      ++on_page;
      if (candidate.entry == fate::left || candidate.progressed) moved = true;
      if (candidate.entry == fate::stays && !candidate.progressed && !candidate.failed) stayed = true;
    }
    acted_on += on_page;
    return on_page;
  }
};

// The oldest candidate of a page that nobody looked at.
std::optional<scanhost::timestamp> first_unexamined(const page& offered) {
  for (const auto& candidate : offered.candidates)
    if (candidate.entry == fate::unexamined) return candidate.due;
  return std::nullopt;
}

enum class page_read { ok, failed, cancelled };

// No more than may be handled at the same time.
std::uint32_t size_of_page(const page_gate& gate, const tally& counts) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(counts.host().page_size(), gate.limit()));
}

// Reads the next page of the walk, as of now.
task<page_read> read_page(scan_context& scan, index_walk& walk, page& page, const page_gate& gate,
                          tally& counts) {
  const auto limit = size_of_page(gate, counts);
  page.candidates.clear();
  page.read_at = scan.now();
  const auto answers = co_await scan.execute(walk.query(page.read_at, limit));
  const auto answer = answers.front();
  if (answer.cancelled()) {
    counts.cancel();
    co_return page_read::cancelled;
  }
  if (answer.ok() && walk.take(answer.reply(), page.read_at, limit, page)) co_return page_read::ok;
  counts.add_error(joined("reading ", printable(walk.key())), answer);
  co_return page_read::failed;
}

// Reads and handles the next page. The first one is read before the gate: most often it is empty, and idle
// partitions wait for nobody. Where it had to wait, it is read again.
task<page_read> next_page(scan_context& scan, index_walk& walk, bool first, page& offered, page_gate& gate,
                          page_handler& handler, tally& counts) {
  auto read = page_read::ok;
  if (first) {
    read = co_await read_page(scan, walk, offered, gate, counts);
    if (read != page_read::ok || offered.candidates.empty()) co_return read;
  }
  const auto expected = first ? offered.candidates.size() : size_of_page(gate, counts);
  co_await gate.enter(expected);
  if (!first || scan.now() - offered.read_at > page_lifetime / 4 || offered.candidates.size() > gate.limit())
    read = co_await read_page(scan, walk, offered, gate, counts);
  if (read == page_read::ok && !offered.candidates.empty())
    co_await handler.handle(scan, offered, walk, gate, counts);
  gate.leave(expected);
  co_return read;
}

}  // namespace

scanhost::task<sweep_end> sweep_index(scan_context& scan, pass_state& pass, std::string key, due_rule rule,
                                      index_memories& memories, page_handler& handler, tally& counts) {
  auto& memory = memories.of(scan.index(), pass.number);
  index_walk walk(std::move(key), rule, memory, scan.early());
  const auto turns = scan.pass(pass.number);
  progress done;
  std::optional<scanhost::timestamp> left_over;
  for (bool first = true; !walk.done(); first = false) {
    const auto turn = co_await turns.next_page(std::exchange(pass.acted_on, 0));
    if (!turn) break;
    page offered;
    offered.allowance = turn.allowance;
    const auto read = co_await next_page(scan, walk, first, offered, memories.gate(), handler, counts);
    if (read == page_read::failed) co_return sweep_end::failed;
    if (read == page_read::cancelled) break;
    pass.acted_on = done.add(offered);
    left_over = first_unexamined(offered);
    walk.advance(offered);
    if (counts.cancelled()) break;
  }
  // After a page of candidates the next cycle begins at the head, as long as the head moves: what is done
  // makes room, and what fails is held back soon. Where all of a page stays as it is, or fails and fails, the
  // next cycles go on behind it, to the end of the index.
  const bool page_done = done.acted_on >= counts.host().page_size();
  if (!scan.early()) memory.stalled = page_done && !done.moved ? memory.stalled + 1 : 0;
  const bool stuck = !done.moved && (done.stayed || memory.stalled > max_stalled);
  walk.stop(!page_done || walk.resumed() || stuck);
  if (left_over && rule.scored()) counts.note_waiting(*left_over);
  counts.note_next_due(walk.next_due());
  co_return walk.done() ? sweep_end::done : sweep_end::stopped;
}

}  // namespace ff
