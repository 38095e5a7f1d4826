// SPDX-License-Identifier: Apache-2.0
//
// Work for the scanners of flows. For cancel_reconciler: cancelled flows that still owe the cancelling of
// members in every state, whose grace window ends before the run or during it; flows whose window ends later,
// which must stay; backlog entries of flows that are gone or owe nothing, which must go. For flow_projector:
// flows of all sizes whose members nobody else changes, so that the summary to be written is known exactly;
// finished ones, which leave the index; ids of flows that are gone. For the two scanners of fired groups:
// siblings to be cancelled, and lists to be drained. For flow_trimmer: flows that are over, and some that may
// still be wanted.
#include <initializer_list>
#include <map>

#include "workload.hpp"

namespace scanhost::demo {
namespace flows_work {

using enum comes_due;
using states = std::initializer_list<std::string_view>;

struct flow : scene {
  static constexpr std::uint32_t hashed_over = flow_partitions;

  explicit flow(const scene& at) : scene(at), tag(flow_tag(r.partition)), id(chance.uuid()) {}

  void draw_members(states choices) {
    for (std::uint32_t left = r.executions; left > 0; --left) {
      execution e(w, chance, r.partition, times.now);
      e.flow = id;
      ids.push_back(e.id);
      members.emplace_back(std::move(e), chance.pick({choices.begin(), choices.size()}));
    }
  }
  std::string key(std::string_view part) const { return key_of("ff:flow", tag, id, part); }
  void write_core(const char* kind, const char* state, std::int64_t changed) const {
    w.set(key("core"), {{"flow_id", id}, {"flow_kind", kind}, {"namespace", "acme"}, {"edge_count", 0}});
    w.set(key("core"), {{"public_flow_state", state}, {"last_mutation_at", changed}});
    w.set(key("core"), "created_at", times.now - 7 * hour);
    w.set_each(key("core"), std::int64_t{r.executions}, {"graph_revision", "node_count"});
  }

  std::string tag, id;
  std::vector<std::pair<execution, std::string_view>> members;  // with their states
  std::vector<std::string> ids;                                 // of the members
};

// By the public label of the state, and some by what is special about them.
void write_state(const execution& e, std::string_view state, std::int64_t past, std::int64_t future) {
  e.create();
  if (state == "waiting") return;
  if (state == "active") return void(e.activate(future));
  if (state == "suspended") return void(e.suspend("fail", future, past));
  if (state == "suspended without a limit") return void(e.suspend("fail", 0, past));
  if (state == "delayed") return void(e.delay(delay_reason::retry, future));
  if (state == "delayed from creation") return void(e.delay(delay_reason::at_creation, future));
  if (state == "blocked by a budget") return void(e.block(block_reason::budget, past));
  if (state == "blocked by a quota") return void(e.block(block_reason::quota, past));
  if (state == "blocked by the route") return void(e.block(block_reason::route, past));
  if (state == "rate_limited") return void(e.block(block_reason::operator_hold, past));
  if (state == "waiting_children") return void(e.block(block_reason::dependencies, past));
  e.finish(state == "completed" ? "success" : state, past);
}

// --- cancel_reconciler

bool is_ended(std::string_view state) { return state == "completed" || state == "failed"; }

struct cancelled_flow : flow {
  static constexpr range executions{4, 12};

  explicit cancelled_flow(const scene& at) : flow(at) {
    if (!chance.one_in(8)) reason = "superseded by release " + chance.hex(7);
    has_reason = !chance.one_in(8);
    draw_members({"waiting", "delayed", "delayed from creation", "blocked by a budget", "blocked by a quota",
                  "blocked by the route", "rate_limited", "waiting_children", "active", "suspended",
                  "suspended without a limit", "completed", "failed", "missing"});
  }
  std::string backlog() const { return index_key(tag, "cancel_backlog"); }

  std::string reason;
  bool has_reason;
};

void write_members(flow& f) {
  for (const auto& [e, state] : f.members) {
    const auto past = f.times.overdue(f.chance), future = f.times.later(f.chance);
    if (state == "missing") continue;
    write_state(e, state, past, future);
    if (state == "active") e.enter("attempt_timeout", future);
    // The cancelling of a flow holds it, so that nobody else may release it, whatever it is blocked by.
    if (state.starts_with("blocked")) e.set({{"blocking_reason", "paused_by_flow_cancel"}});
    if (!is_ended(state) && f.chance.one_in(3)) e.enter("execution_deadline", future);
  }
}
void write_flow(cancelled_flow& f) {
  const auto when = f.times.now - 30'000;
  f.write_core("batch", "cancelled", when);
  f.w.set(f.key("core"), {{"cancelled_at", when}, {"cancellation_policy", "cancel_all"}});
  if (f.has_reason) f.w.set(f.key("core"), "cancel_reason", f.reason);
  f.w.put_set(f.key("members"), f.ids);
}
void owe(cancelled_flow& f) { f.w.put_set(f.key("pending_cancels"), f.ids); }
void enter(cancelled_flow& f) { f.w.enter(f.backlog(), f.id, f.due != 0 ? f.due : f.times.later(f.chance)); }

void settled(cancelled_flow& f) {
  f.w.drop(f.key("pending_cancels"));
  f.w.leave(f.backlog(), f.id);
}
void expect_cancelled(flow& f, std::string_view reason) {
  unsigned step = 0;
  for (const auto& [e, state] : f.members) {
    if (state != "missing" && !is_ended(state)) expect_cancelled(e, reason, moment(step));
    ++step;
  }
}
void members_cancelled(cancelled_flow& f) { expect_cancelled(f, f.has_reason ? f.reason : "flow_cancelled"); }

constexpr auto write_owing = steps<write_members, write_flow, owe, enter>;
constexpr situation<cancelled_flow> cancel_reconciler[] = {
    {"grace window ends in the run", 60, in_run, write_owing, steps<settled, members_cancelled>},
    {"grace window ended before the run", 22, overdue, write_owing, steps<settled, members_cancelled>},
    {"grace window ends later", 10, never, write_owing},
    {"flow is gone", 4, overdue, steps<write_members, owe, enter>, settled},
    {"nothing is owed any more", 4, overdue, steps<write_members, write_flow, enter>, settled}};

// --- flow_projector

const states labels{"completed", "failed",  "cancelled", "expired",      "skipped",         "active",
                    "suspended", "waiting", "delayed",   "rate_limited", "waiting_children"};

std::string index_of(const flow& f) { return index_key(f.tag, "flow_index"); }

void any(flow& f) { f.draw_members(labels); }
void good(flow& f) { f.draw_members({"skipped", "completed", "completed", "completed"}); }
void bad(flow& f) {
  f.draw_members({"completed", "failed", "cancelled", "expired", "skipped"});
  f.members.front().second = "failed";
}
void list(flow& f) { f.w.join(index_of(f), f.id); }
void unlisted(flow& f) { f.w.leave(index_of(f), f.id); }

void write(flow& f) {
  f.write_core("dag", "open", f.times.now - 60'000);
  for (const auto& [e, state] : f.members) {
    const auto past = f.times.overdue(f.chance), future = f.times.later(f.chance);
    write_state(e, state, past, future);
  }
  f.w.put_set(f.key("members"), f.ids);
}

std::string_view state_of(std::map<std::string_view, std::int64_t>& counts, std::int64_t total) {
  const auto count = [&](auto... states) { return (counts[states] + ...); };
  const auto ended_badly = count("failed", "cancelled", "expired");
  if (count("completed", "skipped") + ended_badly == total) return ended_badly > 0 ? "failed" : "completed";
  if (counts["active"] > 0) return "running";
  return count("suspended", "delayed", "rate_limited", "waiting_children") > 0 ? "blocked" : "open";
}

void summed_up(flow& f) {
  std::map<std::string_view, std::int64_t> counts;
  for (const auto label : labels) counts[label] = 0;
  for (const auto& [e, state] : f.members) ++counts[state];
  const auto total = std::int64_t{f.r.executions};
  const auto state = state_of(counts, total);
  const auto summary = f.key("summary");
  for (const auto& [label, count] : counts) f.w.set(summary, "members_" + std::string(label), count);
  f.w.set_each(summary, total, {"total_members", "sampled_members"});
  f.w.set(summary, {{"public_flow_state", state}, {"last_summary_update_at", moment()}});
  if (state == "completed" || state == "failed") unlisted(f);
}

constexpr situation<flow> flow_projector[] = {
    {"members in all states", 50, overdue, steps<any, list, write>, steps<any, summed_up>, {1, 12}},
    {"many members", 5, overdue, steps<any, list, write>, steps<any, summed_up>, {60, 150}},
    {"all members completed", 18, overdue, steps<good, list, write>, steps<good, summed_up>, {1, 12}},
    {"all members ended, some badly", 15, overdue, steps<bad, list, write>, steps<bad, summed_up>, {1, 12}},
    {"id of a flow that is gone", 6, overdue, list, unlisted, {0, 0}},
    {"no members", 6, never, steps<list, write>, nullptr, {0, 0}}};

// --- edge_cancel_dispatcher and edge_cancel_reconciler: groups that have fired, and the siblings on their
// lists

struct fired_group : flow {
  static constexpr range executions{3, 9};

  explicit fired_group(const scene& at) : flow(at), child(tag + ":" + chance.uuid()) {}
  std::string group() const { return key("edgegroup:" + child); }
  std::string pending() const { return index_key(tag, "pending_cancel_groups"); }

  std::string child;
};

constexpr auto fired_reason = "sibling_quorum_satisfied";

void ended_siblings(fired_group& f) { f.draw_members({"completed", "failed", "missing"}); }
void siblings(fired_group& f) {
  f.draw_members({"waiting", "delayed", "blocked by a quota", "waiting_children", "active", "suspended",
                  "completed", "missing"});
}
void write_group(fired_group& f) {
  const auto k = f.chance.between(0, 3);
  f.w.set(f.group(), {{"policy_variant", k == 0 ? "any_of" : "quorum"}, {"k", k}});
  f.w.set(f.group(), {{"on_satisfied", "cancel_remaining"}, {"created_at", f.times.now - hour}});
  f.w.set(f.group(), "n", std::int64_t{f.r.executions} + 3);
}
void fire(fired_group& f) {
  std::string list;
  for (const auto& sibling : f.ids) list.append(list.empty() ? "" : "|").append(sibling);
  f.w.set(f.group(), {{"succeeded", 3}, {"group_state", "satisfied"}, {"satisfied_at", f.due}});
  f.w.set(f.group(), {{"cancel_siblings_pending_flag", "true"}, {"cancel_siblings_reason", fired_reason}});
  f.w.set(f.group(), "cancel_siblings_pending_members", list);
  f.w.join(f.pending(), f.id + "|" + f.child);
}
void drained(fired_group& f) {
  f.w.drop_field(f.group(), "cancel_siblings_pending_flag");
  f.w.drop_field(f.group(), "cancel_siblings_pending_members");
  f.w.leave(f.pending(), f.id + "|" + f.child);
}
void siblings_cancelled(fired_group& f) { expect_cancelled(f, fired_reason); }

constexpr auto unfired = steps<siblings, write_members, write_group>;
constexpr situation<fired_group> edge_cancel_dispatcher[] = {
    {"fired, siblings run", 80, overdue, steps<unfired, fire>, steps<siblings, drained, siblings_cancelled>},
    {"has not fired", 20, never, unfired}};
constexpr auto undrained = steps<ended_siblings, write_members, write_group>;
constexpr situation<fired_group> edge_cancel_reconciler[] = {
    {"fired, siblings have ended, not drained", 80, overdue, steps<undrained, fire>, drained},
    {"drained", 20, never, undrained}};

// --- flow_trimmer

struct old_flow : flow {
  static constexpr range executions{0, 0};  // they are purged

  explicit old_flow(const scene& at) : flow(at), changed(times.now - chance.between(8 * day, 90 * day)) {
    for (auto left = chance.between(2, 12); left > 0; --left) ids.push_back(tag + ":" + chance.uuid());
  }
  std::int64_t changed;
};

void write_graph(old_flow& f, std::int64_t changed) {
  f.write_core("dag", "open", changed);
  f.w.set_each(f.key("core"), changed, {"created_at", "last_mutation_at"});
  f.w.set(f.key("core"), "node_count", std::int64_t(f.ids.size()));
  f.w.put_set(f.key("members"), f.ids);
  for (std::size_t at = 1; at < f.ids.size(); ++at) {
    const auto edge = f.chance.uuid(), upstream = f.ids[at - 1], downstream = f.ids[at];
    f.w.set(f.key("edge:" + edge), {{"upstream_execution_id", upstream}, {"edge_id", edge}});
    f.w.set(f.key("edgegroup:" + downstream), {{"policy_variant", "all_of"}, {"succeeded", 1}});
    f.w.put_set(f.key("out:" + upstream), {edge});
    f.w.put_set(f.key("in:" + downstream), {edge});
  }
}
void summarize(old_flow& f) { f.w.set(f.key("summary"), "total_members", std::int64_t(f.ids.size())); }
void open_and_old(old_flow& f) { write_graph(f, f.changed); }
void changed_lately(old_flow& f) { write_graph(f, f.times.now - hour); }
void keep_a_member(old_flow& f) {
  execution e(f.w, f.chance, f.r.partition, f.times.now);
  e.id = f.ids.back();
  e.create().finish("success", f.times.overdue(f.chance));
}
void gone(old_flow& f) { f.w = world(); }

constexpr situation<old_flow> flow_trimmer[] = {
    {"members are purged", 70, overdue, steps<open_and_old, summarize>, gone},
    {"gone, but for its summary", 5, overdue, summarize, gone},
    {"changed lately", 15, never, changed_lately},
    {"one member is left", 10, never, steps<open_and_old, keep_a_member>}};

}  // namespace flows_work

void add_flow_work(workloads& loads) {
  loads.emplace_back("cancel_reconciler", 12, flows_work::cancel_reconciler);
  loads.emplace_back("flow_projector", 8, flows_work::flow_projector);
  loads.emplace_back("edge_cancel_dispatcher", 4, flows_work::edge_cancel_dispatcher);
  loads.emplace_back("edge_cancel_reconciler", 2, flows_work::edge_cancel_reconciler);
  loads.emplace_back("flow_trimmer", 0, flows_work::flow_trimmer);
}

}  // namespace scanhost::demo
