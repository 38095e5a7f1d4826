// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/cycle_completion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/log.hpp"

namespace scanhost::runner {

namespace {

std::uint64_t total_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (const auto& [kind, count] : counts) total += count;
  return total;
}

// "my_function 12, HSET 3"
std::string listing_of(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [kind, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kind, count);
  return text;
}

}  // namespace

cycle_report cycle_completion::complete(const cycle& ended, const swept_family& family, std::uint64_t number,
                                        base::steady_time now) {
  const auto summary = sum_up(ended, family, now);
  shared_.record->set_store(shared_.number, client_.status());
  report_commands();
  report_gate();
  shared_.record->complete_cycle(shared_.number, summary, overdue(ended, family), memory_.bytes());
  log_cycle(ended, number, summary);
  return summary;
}

cycle_report cycle_completion::sum_up(const cycle& ended, const swept_family& family, base::steady_time now) {
  auto summary = ended.report(now);
  // Without partitions nothing is left of what they had to do.
  if (sampled_ && family.count() == 0) summary.backlog = 0;
  sampled_ = sampled_ || summary.backlog;
  return summary;
}

std::optional<base::milliseconds> cycle_completion::overdue(const cycle& ended, const swept_family& family) {
  oldest_due_ = ended.oldest_due(oldest_due_);
  if (!oldest_due_) return std::nullopt;
  return std::max(client_.now(family.first_route()) - *oldest_due_, base::milliseconds(0));
}

void cycle_completion::report_commands() {
  auto counts = scans_.take_counts();
  const bool all_failed = counts.failed > 0 && counts.answered == 0;
  shared_.record->end_commands(shared_.number, counts.answered > 0,
                               all_failed ? std::move(counts.last_failure) : std::string());
}

// Once a cycle: what a dry run or the permissions kept from the store.
void cycle_completion::report_gate() {
  auto found = scans_.take_gate_report();
  if (!found) return;
  shared_.record->add_gate_report(shared_.number, total_of(found->held_back), total_of(found->refused),
                                  found->audit);
  if (!found->held_back.empty())
    base::log(base::events::dry_run_held_back, scanner(),
              fmt::format("dry run: held back commands={} ({})", total_of(found->held_back),
                          listing_of(found->held_back)));
  for (const auto& [message, count] : found->refused)
    base::log(base::events::command_not_permitted, scanner(), fmt::format("{}; commands={}", message, count));
  if (found->lacks_table)
    base::log(
        base::events::commands_unknown, scanner(),
        "the server does not let it read COMMAND, so that only the most harmless commands count as reads; allow the user +command");
  if (const auto& notice = found->audit_notice)
    base::log(notice->failing ? base::events::audit_failing : base::events::audit_resumed, scanner(),
              notice->text);
}

void cycle_completion::log_cycle(const cycle& ended, std::uint64_t number,
                                 const cycle_report& summary) const {
  const auto& sum = summary.counts;
  const auto level = sum.processed + sum.errors > 0 ? base::severity::debug : base::severity::trace;
  if (base::logs(level, scanner())) {
    const auto elapsed = std::chrono::duration_cast<base::milliseconds>(summary.elapsed);
    base::log(level, scanner(),
              fmt::format("cycle={} processed={} unchanged={} errors={} skipped={} elapsed_ms={}", number,
                          sum.processed, sum.unchanged, sum.errors, sum.skipped, elapsed.count()));
  }
  if (ended.partly_sampled())
    base::log(base::severity::debug, scanner(),
              "the backlog keeps its value: not every partition gave a sample");
}

}  // namespace scanhost::runner
