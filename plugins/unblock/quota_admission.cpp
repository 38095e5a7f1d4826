// SPDX-License-Identifier: Apache-2.0
#include "unblock/quota_admission.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/tally.hpp"
#include "common/window.hpp"

namespace ff {
namespace {

struct policy {
  std::string id;
  std::string tag;
  quota_answer* answer;
  std::uint64_t rate = 0;     // admissions in one window; 0: no limit
  std::uint64_t seconds = 0;  // length of the window
  std::uint64_t cap = 0;      // at the same time; 0: no limit
};

std::uint64_t setting(const scanhost::reply& field, std::uint64_t otherwise) {
  return scanhost::parse_integer<std::uint64_t>(field.text()).value_or(otherwise);
}

void define(policy& policy, const scanhost::outcome& definition, const scanhost::services& host) {
  if (definition.cancelled()) {
    policy.answer->admits = admission::cancelled;
  } else if (!definition.ok()) {
    policy.answer->admits = admission::closed;
    host.log(scanhost::log_level::error,
             joined("quota policy '", printable(policy.id),
                    "' cannot be read, what waits for it stays blocked: ", printable(definition.message())));
  } else {
    policy.rate = setting(definition[0], 0);
    policy.seconds = setting(definition[1], 60);
    policy.cap = setting(definition[2], 0);
  }
}

// The rate goes first; the cap counts only where the rate leaves room. A negative counter is one that
// drifted: it counts as at the cap.
void decide(policy& policy, const scanhost::replies& answers, std::size_t next) {
  const auto unreadable = [&](std::string_view what, const scanhost::outcome& outcome) {
    policy.answer->admits = outcome.cancelled() ? admission::cancelled : admission::unreadable;
    policy.answer->reason = joined("reading the ", what, " of quota policy '", printable(policy.id),
                                   "': ", printable(outcome.message()));
  };
  if (policy.rate > 0) {
    ++next;  // the trim: where it fails, more is counted
    const auto count = answers[next++];
    if (!count.ok()) return unreadable("window", count);
    if (static_cast<std::uint64_t>(count.reply().integer()) >= policy.rate) {
      policy.answer->admits = admission::closed;
      return;
    }
  }
  if (policy.cap == 0) return;
  const auto counter = answers[next];
  if (!counter.ok()) return unreadable("counter", counter);
  const auto running = scanhost::parse_integer<std::int64_t>(counter.reply().text()).value_or(0);
  if (running < 0 || static_cast<std::uint64_t>(running) >= policy.cap)
    policy.answer->admits = admission::closed;
}

// Adds two commands whose second answer is the number of admissions in the window.
void add_window_reads(scanhost::batch& reads, const policy& policy, scanhost::timestamp now,
                      bool only_reads) {
  const auto window = quota_keys(policy.tag, policy.id).window();
  const auto start = scanhost::to_ms(window_start(now, policy.seconds));
  if (only_reads) {
    reads.add("EXISTS", window).route(policy.tag);
    reads.add("ZCOUNT", window, joined("(", std::to_string(start)), "+inf").route(policy.tag);
  } else {
    reads.add("ZREMRANGEBYSCORE", window, "-inf", start).route(policy.tag);
    reads.add("ZCARD", window).route(policy.tag);
  }
}

scanhost::task<void> read_counts(scanhost::scan_context& scan, std::vector<policy> policies,
                                 bool only_reads) {
  scanhost::batch reads;
  for (const auto& policy : policies) {
    if (policy.answer->admits != admission::open) continue;
    const quota_keys keys(policy.tag, policy.id);
    if (policy.rate > 0) add_window_reads(reads, policy, scan.now(), only_reads);
    if (policy.cap > 0) reads.add("GET", keys.concurrency()).route(policy.tag);
  }
  const auto answers = co_await scan.execute(std::move(reads));
  std::size_t next = 0;
  for (auto& policy : policies) {
    if (policy.answer->admits != admission::open) continue;
    decide(policy, answers, next);
    next += (policy.rate > 0 ? 2u : 0u) + (policy.cap > 0 ? 1u : 0u);
  }
}

}  // namespace

scanhost::task<std::map<std::string, quota_answer>> read_admissions(scanhost::scan_context& scan,
                                                                    const std::vector<std::string>& ids,
                                                                    const scanhost::services& host,
                                                                    bool only_reads) {
  std::map<std::string, quota_answer> answered;
  std::vector<policy> policies;
  scanhost::batch reads;
  for (const auto& id : ids) {
    const auto [place, fresh] = answered.try_emplace(id);
    const auto parsed = parse_uuid(id);
    if (!fresh || !parsed) continue;
    auto tag = quota_tag(partition_of(*parsed, host.partition_count("quota")));
    reads
        .add("HMGET", quota_keys(tag, id).definition(), "max_requests_per_window",
             "requests_per_window_seconds", "active_concurrency_cap")
        .route(tag)
        .about(id);
    policies.push_back({id, std::move(tag), &place->second});
  }
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < policies.size(); ++i) define(policies[i], answers[i], host);
  co_await read_counts(scan, std::move(policies), only_reads);
  co_return answered;
}

}  // namespace ff
