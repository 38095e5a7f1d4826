// SPDX-License-Identifier: Apache-2.0
#include "bench/scanner_work.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "bench/fired_groups.hpp"
#include "demo/workload.hpp"

namespace scanhost::bench {
namespace {

using demo::timing;

constexpr std::string_view scanners_with_lanes[] = {"attempt_timeout",
                                                    "delayed_promoter",
                                                    "dependency_reconciler",
                                                    "execution_deadline",
                                                    "index_reconciler",
                                                    "retention_trimmer",
                                                    "unblock"};

// Everything that would come due during a run of the demo came due in the minute before `now_ms`.
timing all_due(std::int64_t now_ms) { return {now_ms, now_ms - 60'000, now_ms + timing::quiet - 1000}; }

void write_all(raw_client& client, const std::vector<command>& commands) {
  constexpr std::size_t window = 2000;
  std::vector<std::string_view> args;
  std::size_t open = 0;
  for (const auto& words : commands) {
    args.assign(words.begin(), words.end());
    client.append(args);
    if (++open < window) continue;
    client.drain(open);
    open = 0;
  }
  client.drain(open);
}

void add_workload(const std::string& scanner, std::size_t items, std::int64_t now_ms,
                  std::vector<command>& commands) {
  auto found = demo::workloads_for({scanner});
  if (found.empty()) throw std::runtime_error("there is no work for " + scanner);
  auto& work = found.front();
  demo::dice chance(20'260'101);
  work.plan(all_due(now_ms), chance, items);
  for (const auto& record : work.records()) demo::commands_for(work.before(record), commands);
}

}  // namespace

std::vector<std::string> scanners_with_work() {
  return {"attempt_timeout",        "budget_reconciler",      "budget_reset",
          "cancel_reconciler",      "delayed_promoter",       "dependency_reconciler",
          "edge_cancel_dispatcher", "edge_cancel_reconciler", "execution_deadline",
          "flow_projector",         "flow_trimmer",           "index_reconciler",
          "lease_expiry",           "pending_wp_expiry",      "quota_reconciler",
          "retention_trimmer",      "suspension_timeout",     "unblock",
          "worker_registry_sweep"};
}

std::string keys_for_work(const std::string& scanner) {
  const auto* const budget = "budget: {calls: 100000000, time: 600s, pages: 100000000}";
  return std::ranges::find(scanners_with_lanes, scanner) == std::end(scanners_with_lanes)
             ? budget
             : std::string(budget) + ", options: {lanes: [default, gpu, batch]}";
}

scanner_work::scanner_work(const std::string& scanner, std::size_t items, std::int64_t now_ms)
    : commands_(demo::common_commands()) {
  if (scanner == "edge_cancel_dispatcher")
    add_fired_groups(siblings::running, items, now_ms, commands_);
  else if (scanner == "edge_cancel_reconciler")
    add_fired_groups(siblings::ended, items, now_ms, commands_);
  else
    add_workload(scanner, items, now_ms, commands_);
}

void scanner_work::write(raw_client& client) const {
  client.call({"FLUSHALL"});
  write_all(client, commands_);
}

}  // namespace scanhost::bench
