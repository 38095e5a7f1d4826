// SPDX-License-Identifier: Apache-2.0
//
// Work for the scanners of budgets, quotas and registries of workers, and for the one that waits for all
// three.
#include "workload.hpp"

namespace scanhost::demo {
namespace limits_work {

using enum comes_due;

// A day is longer than any run: no budget is reset twice, and no window moves on.
// A budget of which `used` of 1000 are gone. At the limit it blocks, but it is not over it.
void write_budget(const scene& at, const std::string& id, std::int64_t reset_interval, std::int64_t used) {
  const auto tag = budget_tag(partition_of(id, budget_partitions));
  const auto key = budget_key(tag, id);
  at.w.set(key, {{"budget_id", id}, {"enforcement_mode", "strict"}, {"last_breach_dim", "total_tokens"}});
  at.w.set(key, {{"reset_interval_ms", reset_interval}, {"created_at", at.times.now - 30 * day}});
  at.w.set_each(key, at.times.now - 9000, {"last_updated_at", "last_breach_at"});
  at.w.set(budget_key(tag, id, "usage"), {{"total_tokens", used}, {"cost_micros", used * 700}});
  at.w.set(budget_key(tag, id, "limits"),
           {{"hard:total_tokens", 1000}, {"soft:total_tokens", 500}, {"hard:cost_micros", 1'000'000}});
  at.w.join(index_key(tag, "budget_policies"), id);
}

// A quota of so many requests a day, so many of them at a time.
void write_quota(const scene& at, const std::string& id, int requests, int cap, const fields& window,
                 const std::vector<std::string>& live, std::vector<std::string> admitted = {}) {
  const auto tag = quota_tag(partition_of(id, quota_partitions));
  at.w.set(quota_key(tag, id), {{"quota_policy_id", id}, {"requests_per_window_seconds", "86400"}});
  at.w.set(quota_key(tag, id), {{"max_requests_per_window", requests}, {"active_concurrency_cap", cap}});
  at.w.join(index_key(tag, "quota_policies"), id);
  at.w.put_sorted_set(quota_key(tag, id, "window:requests_per_window"), window);
  admitted.insert(admitted.end(), live.begin(), live.end());
  at.w.put_set(quota_key(tag, id, "admitted_set"), admitted);
  for (const auto& admission : live) at.w.put_string(quota_key(tag, id, "admitted:" + admission), "1", day);
}

// --- budgets

struct budget : scene {
  static constexpr range executions{0, 0};
  static constexpr std::uint32_t hashed_over = budget_partitions;

  explicit budget(const scene& at) : scene(at), tag(budget_tag(r.partition)), id(chance.uuid()) {}

  std::string key(std::string_view part = {}) const { return budget_key(tag, id, part); }
  std::string usage() const { return key("usage"); }
  std::string policies() const { return index_key(tag, "budget_policies"); }
  std::string resets() const { return index_key(tag, "budget_resets"); }
  std::int64_t interval() const { return r.seed % 2 == 0 ? day : 7 * day; }
  void write(std::int64_t reset_interval, std::int64_t used) {
    write_budget(*this, id, reset_interval, used);
  }

  std::string tag, id;
};

// For budget_reset: budgets whose period ends before, during or after the run; deleted ones still scheduled.

void write_scheduled(budget& b, std::int64_t when, std::int64_t interval) {
  b.w.enter(b.resets(), b.id, when);
  b.write(interval, b.chance.between(0, 1000));
  b.w.set(b.key(), {{"next_reset_at", when}, {"reset_count", b.chance.between(1, 40)}});
}
void ends_when_due(budget& b) { write_scheduled(b, b.due, b.interval()); }
void ends_later(budget& b) { write_scheduled(b, b.times.later(b.chance), b.interval()); }
void mark_some(budget& b) {
  if (b.chance.one_in(2)) b.w.set(b.usage(), "breached_at", b.times.now - 9000);
}

void unscheduled(budget& b) { b.w.leave(b.resets(), b.id); }
void reset(budget& b) {
  const std::int64_t resets = std::stoll(b.w.get(b.key(), "reset_count"));
  b.w.set_each(b.usage(), 0, {"total_tokens", "cost_micros"});
  if (!b.w.get(b.usage(), "breached_at").empty()) b.w.set(b.usage(), "breached_at", 0);
  b.w.set(b.key(), "reset_count", resets + 1);
  b.w.set_each(b.key(), moment(), {"last_reset_at", "last_updated_at"});
  b.w.set_each(b.key(), "", {"last_breach_at", "last_breach_dim"});
}
void rescheduled(budget& b) {
  b.w.set(b.key(), "next_reset_at", moment(0, b.interval()));
  b.w.enter(b.resets(), b.id, moment(0, b.interval()));
}

constexpr situation<budget> budget_reset[] = {
    {"period ends in the run", 60, in_run, steps<ends_when_due, mark_some>, steps<reset, rescheduled>},
    {"period ended before the run", 20, overdue, steps<ends_when_due, mark_some>, steps<reset, rescheduled>},
    {"period ends later", 15, never, steps<ends_later, mark_some>},
    {"deleted, still scheduled", 5, overdue, [](budget& b) { b.w.enter(b.resets(), b.id, b.due); },
     unscheduled}};

// For budget_reconciler: budgets over their limits without the mark, with it, and back below; resetting ones,
// which it must leave alone; ids of deleted ones.

void over(budget& b) { b.write(0, b.chance.between(1001, 5000)); }
void below(budget& b) { b.write(0, b.chance.between(0, 999)); }
void mark(budget& b) { b.w.set(b.usage(), "breached_at", b.times.now - 70'000); }
void drop_limits(budget& b) { b.w.drop(b.key("limits")); }
void list(budget& b) { b.w.join(b.policies(), b.id); }
void unlisted(budget& b) { b.w.leave(b.policies(), b.id); }
void marked(budget& b) { b.w.set(b.usage(), "breached_at", moment()); }
void unmarked(budget& b) { b.w.drop_field(b.usage(), "breached_at"); }

constexpr situation<budget> budget_reconciler[] = {
    {"over its limit, not marked", 25, overdue, over, marked},
    {"marked, below again", 20, overdue, steps<below, mark>, unmarked},
    {"id of a deleted budget", 5, overdue, list, unlisted},
    {"over its limit, marked", 10, never, steps<over, mark>},
    {"at its limit", 8, never, [](budget& b) { b.write(0, 1000); }},
    {"over its limit, but resets", 10, never, [](budget& b) { b.write(day, b.chance.between(1001, 5000)); }},
    {"without limits", 7, never, steps<below, mark, drop_limits>},
    {"below its limits", 15, never, below}};

// --- quota_reconciler: windows with entries that have left them, and counters that have drifted from the
// admissions that still count; policies in good order, which must stay as they are.

// With everything that a policy can have; each situation drops what it is without.
struct quota : scene {
  static constexpr range executions{0, 0};
  static constexpr std::uint32_t hashed_over = quota_partitions;

  explicit quota(const scene& at) : scene(at), tag(quota_tag(r.partition)), id(chance.uuid()) {
    for (auto left = chance.between(1, 6); left > 0; --left) live.push_back(draw_admission());
    for (auto left = chance.between(1, 4); left > 0; --left) ended.push_back(draw_admission());
    draw_entries(fresh, 1000, hour);
    draw_entries(old, day + 1000, 2 * day);
  }
  std::string draw_admission() {
    const auto partition = chance.between(0, flow_partitions - 1);
    return flow_tag(partition) + ":" + chance.uuid();
  }
  void draw_entries(fields& entries, std::int64_t min_age, std::int64_t max_age) {
    for (auto left = chance.between(1, 5); left > 0; --left) {
      const auto admission = draw_admission();
      entries.emplace_back(admission, times.now - chance.between(min_age, max_age));
    }
  }
  std::string key(std::string_view part = {}) const { return quota_key(tag, id, part); }

  std::string tag, id;
  std::vector<std::string> live, ended;  // admissions
  fields fresh, old;                     // entries of the window
};

void without_ended(quota& q) { q.ended.clear(); }
void without_old(quota& q) { q.old.clear(); }
void write(quota& q) {
  auto window = q.fresh;
  window.insert(window.end(), q.old.begin(), q.old.end());
  write_quota(q, q.id, 100, 10, window, q.live, q.ended);
}
void set_counter(quota& q, std::int64_t drift) {
  q.w.put_string(q.key("concurrency"), static_cast<std::int64_t>(q.live.size()) + drift);
}
void count(quota& q) { set_counter(q, 0); }
void miscount(quota& q) { set_counter(q, q.chance.between(1, 9)); }

void corrected(quota& q) {
  q.w.put_sorted_set(q.key("window:requests_per_window"), q.fresh);
  q.w.put_set(q.key("admitted_set"), q.live);
  count(q);
}

constexpr auto write_good = steps<without_ended, without_old, write>;
constexpr situation<quota> quota_reconciler[] = {
    {"counter drifted, admissions ended", 35, overdue, steps<without_old, write, miscount>, corrected},
    {"old entries in the window", 28, overdue, steps<without_ended, write, count>, corrected},
    {"counter lost", 7, overdue, write_good, corrected},
    {"in good order", 30, never, steps<write_good, count>}};

// --- unblock: executions blocked by a budget, by a quota or for want of a worker, whose reason has gone
// away; some for which it has not, or that an operator or the cancelling of a flow holds, which must stay;
// index entries that stand for nothing, which must go.

template <block_reason Why>
void blocked(single& s) {
  s.e.create().block(Why, s.past);
}
std::string new_budget(single& s, std::int64_t used) {
  auto id = s.chance.uuid();
  write_budget(s, id, 0, used);
  return id;
}
void by_budgets(single& s, std::int64_t used, const char* separator, std::int64_t used_of_second) {
  blocked<block_reason::budget>(s);
  const auto first = new_budget(s, used);
  s.e.set({{"budget_ids", first + separator + new_budget(s, used_of_second)}});
}
// A quota of 3 requests a day, 2 at a time; with so many of each.
void by_quota(single& s, int requests, int running) {
  blocked<block_reason::quota>(s);
  const auto id = s.chance.uuid();
  fields window;
  for (std::int64_t at = 1; at <= requests; ++at)
    window.emplace_back("{fp:1}:" + s.chance.uuid(), s.times.now - 60'000 * at);
  std::vector<std::string> live(static_cast<std::size_t>(running));
  for (auto& admission : live) admission = "{fp:2}:" + s.chance.uuid();
  write_quota(s, id, 3, 2, window, live);
  s.w.put_string(quota_key(quota_tag(partition_of(id, quota_partitions)), id, "concurrency"), running);
  s.e.set({{"quota_policy_id", id}});
}
void needs(single& s, const char* capabilities) {
  blocked<block_reason::route>(s);
  s.e.set({{"required_capabilities", capabilities}});
}
void active(single& s) { s.e.create().activate(s.future); }
// Any other reason would mean: leave it alone.
void waits_for_budget(single& s) { s.e.set({{"blocking_reason", "waiting_for_budget"}}); }
void held_by_flow(single& s) { s.e.set({{"blocking_reason", "paused_by_flow_cancel"}}); }
void entry(single& s) { s.e.enter_lane("blocked:budget", s.past); }

void entry_goes(single& s) { s.e.leave_lane("blocked:budget"); }
void unblocked(single& s) { expect_unblocked(s.e); }

// Registered as engines before 0.14 do it. Together they can do more than each.
void write_workers(single& s) {
  s.w.put_set("ff:idx:workers", {"demo-a", "demo-b", "demo-c"});
  s.w.put_string("ff:worker:demo-a:caps", "cuda,linux");
  s.w.put_string("ff:worker:demo-b:caps", "ffmpeg,linux");
}
// As later ones do it: in the registry of a namespace, with a sign of life that expires.
constexpr auto registry = "ff:idx:acme:workers";
void register_worker(const scene& at, const std::string& name, const char* can, std::int64_t heartbeat) {
  at.w.join(registry, name);
  at.w.set(key_of("ff:worker:acme", name, "caps"), {{"caps_csv", can}, {"last_heartbeat_ms", heartbeat}});
}
void keep_alive(const scene& at, const std::string& name) {
  at.w.put_string(key_of("ff:worker:acme", name, "alive"), "1", day);
}
void write_namespaced_worker(single& s) {
  register_worker(s, "demo-d", "linux,fpga", s.times.now);
  keep_alive(s, "demo-d");
}
void needs_in_acme(single& s) {
  needs(s, "fpga,linux");
  s.e.set({{"namespace", "acme"}});
}

constexpr situation<single> unblock[] = {
    {"its budgets have room", 16, overdue, [](single& s) { by_budgets(s, 999, ", ", 10); }, unblocked},
    {"blocked by no budget", 4, overdue, blocked<block_reason::budget>, unblocked},
    {"its quota has room", 14, overdue, [](single& s) { by_quota(s, 2, 1); }, unblocked},
    {"blocked by no quota", 4, overdue, blocked<block_reason::quota>, unblocked},
    {"a worker can do it", 12, overdue, [](single& s) { needs(s, "cuda,linux"); }, unblocked},
    {"several workers together can do it", 4, overdue, [](single& s) { needs(s, "cuda,ffmpeg"); }, unblocked},
    {"a worker of its namespace can do it", 5, overdue, needs_in_acme, unblocked},
    {"needs nothing special", 4, overdue, [](single& s) { needs(s, ""); }, unblocked},
    {"entry without a record", 3, overdue, entry, entry_goes},
    {"stray entry of an active execution", 3, overdue, steps<active, waits_for_budget, entry>, entry_goes},
    {"its budget is spent", 10, never, [](single& s) { by_budgets(s, 10, ",", 1000); }},
    {"its quota's window is full", 7, never, [](single& s) { by_quota(s, 3, 1); }},
    {"its quota's cap is reached", 5, never, [](single& s) { by_quota(s, 1, 2); }},
    {"no worker can do it", 8, never, [](single& s) { needs(s, "linux,tpu"); }},
    {"held by an operator", 4, never, blocked<block_reason::operator_hold>},
    {"held by the cancelling of its flow", 2, never, steps<blocked<block_reason::budget>, held_by_flow>},
    {"the workers there are", 0, never, write_workers},
    {"the worker of a namespace", 0, never, write_namespaced_worker}};

// --- worker_registry_sweep

struct worker : scene {
  static constexpr range executions{0, 0};
  explicit worker(const scene& at) : scene(at), name("worker-" + chance.hex(12)) {}
  std::string name;
};

void enlist(worker& o) { o.w.join(registry, o.name); }
void silent(worker& o) { register_worker(o, o.name, "linux", o.times.now - hour); }
void ahead(worker& o) { register_worker(o, o.name, "linux", o.times.later(o.chance)); }
void alive(worker& o) { keep_alive(o, o.name); }
void gone(worker& o) { o.w = world(); }

constexpr situation<worker> worker_registry_sweep[] = {{"its keys have expired", 45, overdue, enlist, gone},
                                                       {"silent for an hour", 20, overdue, silent, gone},
                                                       {"alive", 25, never, steps<silent, alive>},
                                                       {"its clock is ahead", 10, never, ahead}};

}  // namespace limits_work

void add_limit_work(workloads& loads) {
  loads.emplace_back("budget_reset", 0, limits_work::budget_reset);
  loads.emplace_back("budget_reconciler", 0, limits_work::budget_reconciler);
  loads.emplace_back("quota_reconciler", 0, limits_work::quota_reconciler);
  loads.emplace_back("unblock", 6, limits_work::unblock);
  loads.emplace_back("worker_registry_sweep", 0, limits_work::worker_registry_sweep);
}

}  // namespace scanhost::demo
