// SPDX-License-Identifier: Apache-2.0
//
// Reading, deleting, telling.
#include "common/trimming.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

bool could_read(const trimmed& one, const scanhost::replies& answers, std::size_t first, tally& counts) {
  constexpr std::array<std::string_view, 5> what = {"reading its edges", "reading its waitpoints",
                                                    "reading its signals", "looking for its core",
                                                    "reading its attempts"};
  const std::size_t reads = one.what == extent::leftovers ? 5 : 3;
  for (std::size_t i = 0; i < reads; ++i) {
    if (answers[first + i].ok()) continue;
    trimming_failed(*one.of, what[i], answers[first + i], counts);
    return false;
  }
  return true;
}

void prepare_purge(trimmed& one, const scanhost::replies& answers, std::size_t first, tally& counts) {
  if (!could_read(one, answers, first, counts)) return;
  one.keys = keys_to_purge(one.execution, answers[first].reply(), answers[first + 1].reply(),
                           answers[first + 2].reply());
  one.writes = purge_writes(one.execution, one.keys);
}

void prepare_leftovers(trimmed& one, const scanhost::replies& answers, std::size_t first, tally& counts) {
  if (!could_read(one, answers, first, counts)) return;
  if (answers[first + 3].reply().integer() == 1) {  // a core without these fields: somebody's, but no end
    one.what = extent::entry;
    one.writes.push_back(stale_terminal_write(one.execution));
    return;
  }
  one.keys = keys_left_over(one.execution, answers[first + 4].reply(), answers[first].reply(),
                            answers[first + 1].reply(), answers[first + 2].reply());
  one.writes = leftover_writes(one.execution, one.keys);
}

std::string_view told(extent what) {
  if (what == extent::execution) return "' purged";
  return what == extent::entry ? "' has no end: its entry is removed"
                               : "' has no core: what was left is deleted";
}

// True: it has further writes, and they may go.
bool note(trimmed& one, const scanhost::outcome& write, std::size_t round, tally& counts) {
  one.of->acted_on = true;
  if (write.held_back())
    counts.skipped();
  else if (!write.ok())
    trimming_failed(*one.of, "deleting it", write, counts);
  if (!write.ok() || write.reply().integer() != 1) return false;  // 0: it was replayed meanwhile
  if (round + 1 < one.writes.size()) return true;
  one.of->entry = fate::left;
  one.of->progressed = true;
  counts.processed(one.what != extent::entry);
  counts.host().log(scanhost::log_level::debug,
                    joined("execution '", printable(one.execution.id), told(one.what)));
  return false;
}

}  // namespace

bool trimming_failed(const candidate& one, std::string_view what, const scanhost::outcome& outcome,
                     tally& counts) {
  if (outcome.cancelled()) {
    counts.cancel();
    return false;
  }
  counts.waits(one.due);
  counts.error(joined("execution '", printable(one.id), "': ", what), outcome);
  return true;
}

task<void> prepare_trimming(scan_context& scan, std::vector<trimmed>& chosen, tally& counts) {
  scanhost::batch reads;
  for (const auto& one : chosen) {
    if (one.what == extent::entry) continue;
    const execution_keys keys(scan.tag(), one.execution.id);
    reads.add("SMEMBERS", keys.deps_all_edges()).about(one.execution.id);
    reads.add("SMEMBERS", keys.waitpoints()).about(one.execution.id);
    reads.add("ZRANGE", keys.signals(), 0, -1).about(one.execution.id);
    if (one.what != extent::leftovers) continue;
    reads.add("EXISTS", keys.core()).about(one.execution.id);
    reads.add("ZRANGE", keys.attempts(), 0, -1).about(one.execution.id);
  }
  const auto answers = co_await scan.execute(std::move(reads));
  std::size_t first = 0;
  for (auto& one : chosen) {
    if (one.what == extent::entry)
      one.writes.push_back(stale_terminal_write(one.execution));
    else if (one.what == extent::execution)
      prepare_purge(one, answers, std::exchange(first, first + 3), counts);
    else
      prepare_leftovers(one, answers, std::exchange(first, first + 5), counts);
  }
  std::erase_if(chosen, [](const trimmed& one) { return one.writes.empty(); });
}

task<void> trim(scan_context& scan, std::vector<trimmed> chosen, tally& counts) {
  std::vector<trimmed*> going;
  for (auto& one : chosen) going.push_back(&one);
  for (std::size_t round = 0; !going.empty() && !counts.cancelled(); ++round) {
    scanhost::batch writes;
    for (auto* one : going) writes.add(std::move(one->writes[round].acts(one->execution.id, one->of->due)));
    const auto answers = co_await scan.execute(std::move(writes));
    std::vector<trimmed*> unfinished;
    for (std::size_t i = 0; i < going.size(); ++i)
      if (note(*going[i], answers[i], round, counts)) unfinished.push_back(going[i]);
    going = std::move(unfinished);
  }
}

task<void> preview_trimming(scan_context& scan, std::vector<trimmed> chosen, tally& counts) {
  scanhost::batch reads;
  for (auto& one : chosen) {
    if (one.what == extent::entry) continue;
    const execution_keys keys(one.execution.tag, one.execution.id);
    if (one.what == extent::execution) {
      one.keys.push_back(keys.core());
      one.keys.push_back(keys.policy());
    }
    for (const auto& key : one.keys) reads.add("MEMORY", "USAGE", key).about(one.execution.id);
  }
  const auto answers = co_await scan.execute(std::move(reads));
  std::size_t next = 0;
  for (const auto& one : chosen) {
    std::int64_t bytes = 0;
    std::size_t existing = 0;
    for (std::size_t i = 0; i < one.keys.size(); ++i) {
      const auto size = answers[next++];
      if (size.cancelled()) co_return counts.cancel();
      bytes += size.reply().integer();
      if (size.reply().is_integer()) ++existing;
    }
    counts.skipped();
    counts.host().log(scanhost::log_level::info, joined("preview: execution '", printable(one.execution.id),
                                                        "' would be deleted: ", std::to_string(existing),
                                                        " keys, ", std::to_string(bytes), " bytes"));
  }
}

}  // namespace ff
