// SPDX-License-Identifier: Apache-2.0
#include "retention_trimmer/trimming.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

bool could_read(const trimmed& target, const scanhost::replies& answers, std::size_t first, tally& counts) {
  constexpr std::array<std::string_view, 5> what = {"reading its edges", "reading its waitpoints",
                                                    "reading its signals", "looking for its core",
                                                    "reading its attempts"};
  const std::size_t reads = target.what == extent::leftovers ? 5 : 3;
  for (std::size_t i = 0; i < reads; ++i) {
    if (answers[first + i].ok()) continue;
    trimming_failed(*target.of, what[i], answers[first + i], counts);
    return false;
  }
  return true;
}

void prepare_purge(trimmed& target, const scanhost::replies& answers, std::size_t first, tally& counts) {
  if (!could_read(target, answers, first, counts)) return;
  target.keys = keys_to_purge(target.execution, answers[first].reply(), answers[first + 1].reply(),
                              answers[first + 2].reply());
  target.writes = purge_writes(counts.host(), target.execution, target.keys);
}

void prepare_leftovers(trimmed& target, const scanhost::replies& answers, std::size_t first, tally& counts) {
  if (!could_read(target, answers, first, counts)) return;
  if (answers[first + 3].reply().integer() == 1) {  // a core without these fields: somebody's, but no end
    target.what = extent::entry;
    target.writes.push_back(stale_terminal_write(counts.host(), target.execution));
    return;
  }
  target.keys = keys_left_over(target.execution, answers[first + 4].reply(), answers[first].reply(),
                               answers[first + 1].reply(), answers[first + 2].reply());
  target.writes = leftover_writes(counts.host(), target.execution, target.keys);
}

std::string_view describe_trimming(extent what) {
  if (what == extent::execution) return "' purged";
  return what == extent::entry ? "' has no end: its entry is removed"
                               : "' has no core: what was left is deleted";
}

// True: it has further writes, and they may go.
bool note(trimmed& target, const scanhost::outcome& write, std::size_t round, tally& counts) {
  target.of->acted_on = true;
  if (write.held_back())
    counts.add_skipped();
  else if (!write.ok())
    trimming_failed(*target.of, "deleting it", write, counts);
  if (!write.ok() || write.reply().integer() != 1) return false;  // 0: it was replayed meanwhile
  if (round + 1 < target.writes.size()) return true;
  target.of->entry = fate::left;
  target.of->progressed = true;
  counts.add_processed(target.what != extent::entry);
  counts.host().log(scanhost::log_level::debug,
                    joined("execution '", printable(target.execution.id), describe_trimming(target.what)));
  return false;
}

// `first`: of the sizes of its keys.
void report_preview(const trimmed& target, const scanhost::replies& sizes, std::size_t first, tally& counts) {
  std::int64_t bytes = 0;
  std::size_t existing = 0;
  for (std::size_t i = first; i < first + target.keys.size(); ++i) {
    if (sizes[i].cancelled()) return counts.cancel();
    bytes += sizes[i].reply().integer();
    if (sizes[i].reply().is_integer()) ++existing;
  }
  counts.add_skipped();
  counts.host().log(scanhost::log_level::info, joined("preview: execution '", printable(target.execution.id),
                                                      "' would be deleted: ", std::to_string(existing),
                                                      " keys, ", std::to_string(bytes), " bytes"));
}

}  // namespace

bool trimming_failed(const candidate& candidate, std::string_view what, const scanhost::outcome& outcome,
                     tally& counts) {
  if (outcome.cancelled()) {
    counts.cancel();
    return false;
  }
  counts.note_waiting(candidate.due);
  counts.add_error(joined("execution '", printable(candidate.id), "': ", what), outcome);
  return true;
}

task<void> prepare_trimming(scan_context& scan, std::vector<trimmed>& chosen, tally& counts) {
  scanhost::batch reads;
  for (const auto& target : chosen) {
    if (target.what == extent::entry) continue;
    const execution_keys keys(scan.tag(), target.execution.id);
    reads.add("SMEMBERS", keys.deps_all_edges()).about(target.execution.id);
    reads.add("SMEMBERS", keys.waitpoints()).about(target.execution.id);
    reads.add("ZRANGE", keys.signals(), 0, -1).about(target.execution.id);
    if (target.what != extent::leftovers) continue;
    reads.add("EXISTS", keys.core()).about(target.execution.id);
    reads.add("ZRANGE", keys.attempts(), 0, -1).about(target.execution.id);
  }
  const auto answers = co_await scan.execute(std::move(reads));
  std::size_t first = 0;
  for (auto& target : chosen) {
    if (target.what == extent::entry)
      target.writes.push_back(stale_terminal_write(counts.host(), target.execution));
    else if (target.what == extent::execution)
      prepare_purge(target, answers, std::exchange(first, first + 3), counts);
    else
      prepare_leftovers(target, answers, std::exchange(first, first + 5), counts);
  }
  std::erase_if(chosen, [](const trimmed& target) { return target.writes.empty(); });
}

task<void> trim(scan_context& scan, std::vector<trimmed> chosen, tally& counts) {
  std::vector<trimmed*> going;
  going.reserve(chosen.size());
  for (auto& target : chosen) going.push_back(&target);
  for (std::size_t round = 0; !going.empty() && !counts.cancelled(); ++round) {
    scanhost::batch writes;
    for (auto* target : going)
      writes.add(std::move(target->writes[round].acts(target->execution.id, target->of->due)));
    const auto answers = co_await scan.execute(std::move(writes));
    std::vector<trimmed*> unfinished;
    for (std::size_t i = 0; i < going.size(); ++i)
      if (note(*going[i], answers[i], round, counts)) unfinished.push_back(going[i]);
    going = std::move(unfinished);
  }
}

task<void> preview_trimming(scan_context& scan, std::vector<trimmed> chosen, tally& counts) {
  scanhost::batch reads;
  for (auto& target : chosen) {
    if (target.what == extent::execution) {
      const execution_keys keys(target.execution.tag, target.execution.id);
      target.keys.push_back(keys.core());
      target.keys.push_back(keys.policy());
    }
    for (const auto& key : target.keys) reads.add("MEMORY", "USAGE", key).about(target.execution.id);
  }
  const auto sizes = co_await scan.execute(std::move(reads));
  std::size_t first = 0;
  for (const auto& target : chosen) {
    report_preview(target, sizes, first, counts);
    if (counts.cancelled()) co_return;
    first += target.keys.size();
  }
}

}  // namespace ff
