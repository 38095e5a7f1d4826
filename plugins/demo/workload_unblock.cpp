// SPDX-License-Identifier: Apache-2.0
//
// Work for unblock: executions blocked by a budget, by a quota or for want of a worker, whose reason has gone
// away; some for which it has not, or that an operator or the cancelling of a flow holds, which must stay;
// index entries that stand for nothing, which must go.
#include "effects.hpp"
#include "keys.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace unblock_work {

using enum comes_due;
using enum block_reason;

// A budget that is never reset, of which `used` of 1000 are gone. At the limit it blocks, but it is not over
// it.
std::string write_budget(single& s, std::int64_t used) {
  auto id = s.chance.uuid();
  const auto tag = budget_tag(partition_of(id, budget_partitions));
  s.w.set(budget_key(tag, id), {{"budget_id", id},
                                {"scope_type", "namespace"},
                                {"scope_id", "acme"},
                                {"reset_interval_ms", 0},
                                {"breach_count", 0},
                                {"created_at", s.times.now - 3'600'000}});
  s.w.set(budget_key(tag, id, "limits"), {{"hard:total_tokens", 1000}, {"soft:total_tokens", 800}});
  s.w.set(budget_key(tag, id, "usage"), {{"total_tokens", used}});
  s.w.join(index_key(tag, "budget_policies"), id);
  return id;
}

// A quota of 3 requests a day, 2 at a time; with so many of each.
std::string write_quota(single& s, int requests, int running) {
  constexpr std::int64_t day = 86'400'000;
  auto id = s.chance.uuid();
  const auto tag = quota_tag(partition_of(id, quota_partitions));
  s.w.set(quota_key(tag, id), {{"quota_policy_id", id},
                               {"requests_per_window_seconds", "86400"},
                               {"max_requests_per_window", 3},
                               {"active_concurrency_cap", 2},
                               {"created_at", s.times.now - 3'600'000}});
  fields window;
  for (int at = 1; at <= requests; ++at)
    window.emplace_back("{fp:1}:" + s.chance.uuid(), s.times.now - 60'000 * at);
  s.w.put_sorted_set(quota_key(tag, id, "window:requests_per_window"), window);
  std::vector<std::string> admitted;
  for (int at = 0; at < running; ++at) {
    admitted.push_back("{fp:2}:" + s.chance.uuid());
    s.w.put_string(quota_key(tag, id, "admitted:" + admitted.back()), "1", day);
  }
  s.w.put_set(quota_key(tag, id, "admitted_set"), admitted);
  s.w.put_string(quota_key(tag, id, "concurrency"), running);
  s.w.join(index_key(tag, "quota_policies"), id);
  return id;
}

template <block_reason Why>
void blocked(single& s) {
  s.e.create().block(Why, s.past);
}
void by_budgets(single& s, std::int64_t used, const char* separator, std::int64_t used_of_second) {
  blocked<budget>(s);
  const auto first = write_budget(s, used);
  s.e.set({{"budget_ids", first + separator + write_budget(s, used_of_second)}});
}
void by_quota(single& s, int requests, int running) {
  blocked<quota>(s);
  s.e.set({{"quota_policy_id", write_quota(s, requests, running)}});
}
void needs(single& s, const char* capabilities) {
  blocked<route>(s);
  s.e.set({{"required_capabilities", capabilities}});
}
void entry(single& s) { s.e.enter_lane("blocked:budget", s.past); }

void entry_goes(single& s) { s.e.leave_lane("blocked:budget"); }
void unblocked(single& s) { expect_unblocked(s.e); }

constexpr situation<single> table[] = {
    {"its budgets have room", 16, overdue, [](single& s) { by_budgets(s, 999, ", ", 10); }, unblocked},
    {"blocked by no budget", 4, overdue, blocked<budget>, unblocked},
    {"its quota has room", 14, overdue, [](single& s) { by_quota(s, 2, 1); }, unblocked},
    {"blocked by no quota", 4, overdue, blocked<quota>, unblocked},
    {"a worker can do it", 12, overdue, [](single& s) { needs(s, "cuda,linux"); }, unblocked},
    {"several workers together can do it", 4, overdue, [](single& s) { needs(s, "cuda,ffmpeg"); }, unblocked},
    {"needs nothing special", 4, overdue, [](single& s) { needs(s, ""); }, unblocked},
    {"entry without a record", 3, overdue, entry, entry_goes},
    {"stray entry of an active execution", 3, overdue,
     [](single& s) {  // any other reason would mean: leave it alone
       s.e.create().activate(s.future).set({{"blocking_reason", "waiting_for_budget"}});
       entry(s);
     },
     entry_goes},
    {"its budget is spent", 10, never, [](single& s) { by_budgets(s, 10, ",", 1000); }},
    {"its quota's window is full", 7, never, [](single& s) { by_quota(s, 3, 1); }},
    {"its quota's cap is reached", 5, never, [](single& s) { by_quota(s, 1, 2); }},
    {"no worker can do it", 8, never, [](single& s) { needs(s, "linux,tpu"); }},
    {"held by an operator", 4, never, blocked<operator_hold>},
    {"held by the cancelling of its flow", 2, never,
     [](single& s) {
       s.e.create().block(budget, s.past).set({{"blocking_reason", "paused_by_flow_cancel"}});
     }},
    // Together they can do more than each.
    {"the workers there are", 0, never, [](single& s) {
       s.w.put_set("ff:idx:workers", {"demo-a", "demo-b", "demo-c"});
       s.w.put_string("ff:worker:demo-a:caps", "cuda,linux");
       s.w.put_string("ff:worker:demo-b:caps", "ffmpeg,linux");
     }}};

}  // namespace unblock_work

std::unique_ptr<workload> work_for_unblock() { return make_work("unblock", 6, unblock_work::table); }

}  // namespace scanhost::demo
