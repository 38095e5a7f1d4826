// SPDX-License-Identifier: Apache-2.0
//
// Work for unblock: executions blocked by a budget, a quota or for want of a worker whose reason has
// gone away; some for which it has not, or that are held by an operator or a flow's cancel, which must
// stay; entries that stand for nothing, which must go.
#include <array>

#include "execution.hpp"
#include "keys.hpp"
#include "outcomes.hpp"
#include "partition_of.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace unblock_work {

// The first nine change, of which the first seven are unblocked.
enum variety : std::uint8_t {
  budget_free,
  no_budget,
  quota_free,
  no_quota,
  capable,
  united,
  no_needs,
  gone,
  stray,
  budget_spent,
  quota_full,
  cap_full,
  incapable,
  held,
  flow_cancel,
  workers
};

constexpr std::array<share, 15> shares{{{budget_free, 16},
                                        {no_budget, 4},
                                        {quota_free, 14},
                                        {no_quota, 4},
                                        {capable, 12},
                                        {united, 4},
                                        {no_needs, 4},
                                        {gone, 3},
                                        {stray, 3},
                                        {budget_spent, 10},
                                        {quota_full, 7},
                                        {cap_full, 5},
                                        {incapable, 8},
                                        {held, 4},
                                        {flow_cancel, 2}}};
constexpr std::array<std::string_view, 16> names{
    "its budgets have room", "blocked by no budget",       "its quota has room",
    "blocked by no quota",   "a worker can do it",         "several workers together can do it",
    "needs nothing special", "entry without a record",     "stray entry of an active execution",
    "its budget is spent",   "its quota's window is full", "its quota's cap is reached",
    "no worker can do it",   "held by an operator",        "held by a flow's cancel",
    "the workers there are"};

block block_of(std::uint8_t variety) {
  if (variety == quota_free || variety == no_quota || variety == quota_full || variety == cap_full)
    return block::quota;
  if (variety == capable || variety == united || variety == no_needs || variety == incapable)
    return block::route;
  return variety == held ? block::operator_hold : block::budget;
}

// A budget for life, of which `used` of 1000 are gone. At the limit it blocks, but it is not over it.
std::string write_budget(world& w, std::int64_t used, std::int64_t now, dice& chance) {
  const auto id = chance.uuid();
  const auto tag = budget_tag(partition_of(id, budget_partitions));
  w.set(budget_key(tag, id), {{"budget_id", id},
                              {"scope_type", "namespace"},
                              {"scope_id", "acme"},
                              {"reset_interval_ms", 0},
                              {"breach_count", 0},
                              {"created_at", now - 3'600'000}});
  w.set(budget_key(tag, id, "limits"), {{"hard:total_tokens", 1000}, {"soft:total_tokens", 800}});
  w.set(budget_key(tag, id, "usage"), {{"total_tokens", used}});
  w.join(index_key(tag, "budget_policies"), id);
  return id;
}

// A quota of 3 requests a day, 2 at a time; with so many of each.
std::string write_quota(world& w, int requests, int running, std::int64_t now, dice& chance) {
  constexpr std::int64_t day = 86'400'000;
  const auto id = chance.uuid();
  const auto tag = quota_tag(partition_of(id, quota_partitions));
  w.set(quota_key(tag, id), {{"quota_policy_id", id},
                             {"requests_per_window_seconds", "86400"},
                             {"max_requests_per_window", 3},
                             {"active_concurrency_cap", 2},
                             {"created_at", now - 3'600'000}});
  scored entries;
  for (int at = 0; at < requests; ++at)
    entries.value.emplace_back("{fp:1}:" + chance.uuid(), now - 60'000 * (at + 1));
  if (requests > 0) w.put(quota_key(tag, id, "window:requests_per_window"), entries);
  members admitted;
  for (int at = 0; at < running; ++at) {
    admitted.value.push_back("{fp:2}:" + chance.uuid());
    w.put(quota_key(tag, id, "admitted:" + admitted.value.back()), expiring{"1", day});
  }
  if (running > 0) w.put(quota_key(tag, id, "admitted_set"), admitted);
  w.put(quota_key(tag, id, "concurrency"), plain{running});
  w.join(index_key(tag, "quota_policies"), id);
  return id;
}

// Shared by all: what workers there are. Together they can do more than each.
world write_workers() {
  world w;
  w.put("ff:idx:workers", members{{"demo-a", "demo-b", "demo-c"}});
  w.put("ff:worker:demo-a:caps", plain{"cuda,linux"});
  w.put("ff:worker:demo-b:caps", plain{"ffmpeg,linux"});
  return w;
}

class unblock final : public workload {
 public:
  std::string_view scanner() const override { return "unblock"; }
  std::size_t weight() const override { return 6; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    records_.push_back({chance.roll(), 0, 0, 0, workers});
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)};
      if (r.variety <= stray) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    if (r.variety == workers) return write_workers();
    world w;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    const auto past = times_.overdue(chance);
    const auto index = e.lane_index("blocked:budget");
    if (r.variety != gone) write_created(w, e, chance);
    if (r.variety == stray) {
      make_active(w, e, times_.later(chance), chance);
      w.set(e.core(), "blocking_reason", "waiting_for_budget");  // any other reason says: leave it alone
    }
    if (r.variety == gone || r.variety == stray) {
      w.enter(index, e.id, past);
      return w;
    }
    make_blocked(w, e, block_of(r.variety), past);
    write_reason(w, e, r.variety, chance);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    if (r.variety == gone || r.variety == stray) return w.leave(e.lane_index("blocked:budget"), e.id);
    expect_unblocked(w, e);
  }

 private:
  void write_reason(world& w, const execution& e, std::uint8_t variety, dice& chance) const {
    const auto set = [&](const char* field, std::string content) {
      w.set(e.core(), field, std::move(content));
    };
    const auto now = times_.now;
    switch (variety) {
      case budget_free:
        return set("budget_ids", write_budget(w, 999, now, chance) + ", " + write_budget(w, 10, now, chance));
      case budget_spent:
        return set("budget_ids", write_budget(w, 10, now, chance) + "," + write_budget(w, 1000, now, chance));
      case quota_free:
        return set("quota_policy_id", write_quota(w, 2, 1, now, chance));
      case quota_full:
        return set("quota_policy_id", write_quota(w, 3, 1, now, chance));
      case cap_full:
        return set("quota_policy_id", write_quota(w, 1, 2, now, chance));
      case capable:
        return set("required_capabilities", "cuda,linux");
      case united:
        return set("required_capabilities", "cuda,ffmpeg");
      case no_needs:
        return set("required_capabilities", "");
      case incapable:
        return set("required_capabilities", "linux,tpu");
      case flow_cancel:
        return set("blocking_reason", "paused_by_flow_cancel");
      default:
        return;
    }
  }
};

}  // namespace unblock_work

std::unique_ptr<workload> work_for_unblock() { return std::make_unique<unblock_work::unblock>(); }

}  // namespace scanhost::demo
