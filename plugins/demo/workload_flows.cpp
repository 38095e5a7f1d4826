// SPDX-License-Identifier: Apache-2.0
//
// Work for the scanners of flows. For cancel_reconciler: cancelled flows that still owe the cancelling of
// members in every state, whose grace window ends before the run or during it; flows whose window ends later,
// which must stay; backlog entries of flows that are gone or owe nothing, which must go. For flow_projector:
// flows of all sizes whose members nobody else changes, so that the summary to be written is known exactly;
// finished ones, which leave the index; ids of flows that are gone.
#include <array>

#include "effects.hpp"
#include "keys.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace flows_work {

using enum comes_due;

struct flow : subject {
  static constexpr std::uint32_t hashed_over = flow_partitions;

  explicit flow(const scene& at) : subject(at), tag(flow_tag(r.partition)), id(chance.uuid()) {}

  std::string key(std::string_view part) const { return flow_key(tag, id, part); }
  execution make_member() {
    execution e(w, chance, r.partition, times.now);
    e.flow = id;
    return e;
  }
  void write_core(const char* kind, const char* state, std::int64_t changed) const {
    const std::int64_t nodes = r.executions;
    w.set(key("core"), {{"flow_id", id},
                        {"flow_kind", kind},
                        {"namespace", "acme"},
                        {"graph_revision", nodes},
                        {"node_count", nodes},
                        {"edge_count", 0},
                        {"public_flow_state", state},
                        {"created_at", times.now - 7 * 3'600'000},
                        {"last_mutation_at", changed}});
  }

  std::string tag, id;
};

// --- cancel_reconciler

enum class phase {
  eligible,
  delayed,
  budget,
  quota,
  route,
  on_hold,
  dependencies,
  active,
  suspended,
  finished,
  missing
};
constexpr std::int64_t last_phase = static_cast<std::int64_t>(phase::missing);

struct owed_member {
  execution e;
  phase at;
};

struct cancelled_flow : flow {
  static constexpr range executions{4, 12};

  explicit cancelled_flow(const scene& at) : flow(at) {
    reason = chance.one_in(8) ? "" : "superseded by release " + chance.hex(7);
    has_reason = !chance.one_in(8);
    for (std::uint32_t left = r.executions; left > 0; --left) {
      auto e = make_member();
      members.push_back({std::move(e), static_cast<phase>(chance.between(0, last_phase))});
      ids.push_back(members.back().e.id);
    }
  }

  std::string backlog() const { return index_key(tag, "cancel_backlog"); }

  std::string reason;
  bool has_reason;
  std::vector<owed_member> members;
  std::vector<std::string> ids;  // theirs
};

void write_state(const owed_member& m, std::int64_t past, std::int64_t future) {
  const auto& e = m.e.create();
  switch (m.at) {
    case phase::delayed:
      e.delay(e.chance.one_in(2) ? delay_reason::retry : delay_reason::at_creation, future);
      break;
    case phase::active:
      e.activate(future).enter("attempt_timeout", future);
      break;
    case phase::suspended:
      e.suspend("fail", e.chance.one_in(3) ? 0 : future, past);
      break;
    case phase::finished:
      e.finish(e.chance.one_in(2) ? "success" : "failed", past);
      break;
    case phase::eligible:
    case phase::missing:
      break;
    default:
      e.block(static_cast<block_reason>(static_cast<int>(m.at) - static_cast<int>(phase::budget)), past);
  }
}

void write_member(cancelled_flow& f, const owed_member& m) {
  const auto past = f.times.overdue(f.chance);
  const auto future = f.times.later(f.chance);
  if (m.at == phase::missing) return;
  write_state(m, past, future);
  // What the cancelling of a flow holds back is nobody's to release: not unblock's, whatever it is blocked
  // by.
  if (m.at == phase::budget || m.at == phase::quota || m.at == phase::route)
    m.e.set({{"blocking_reason", "paused_by_flow_cancel"}});
  if (m.at != phase::finished && f.chance.one_in(3)) m.e.enter("execution_deadline", future);
}

void write_cancelled(cancelled_flow& f, bool is_there, bool owes) {
  const auto due = f.due != 0 ? f.due : f.times.later(f.chance);
  const auto when = f.times.now - 30'000;
  for (const auto& m : f.members) write_member(f, m);
  if (owes) f.w.put_set(f.key("pending_cancels"), f.ids);
  if (is_there) {
    f.write_core("batch", "cancelled", when);
    f.w.set(f.key("core"), {{"cancelled_at", when}, {"cancellation_policy", "cancel_all"}});
    if (f.has_reason) f.w.set(f.key("core"), "cancel_reason", f.reason);
    f.w.put_set(f.key("members"), f.ids);
  }
  f.w.enter(f.backlog(), f.id, due);
}

void write_owing(cancelled_flow& f) { write_cancelled(f, true, true); }

void leaves_backlog(cancelled_flow& f) {
  f.w.drop(f.key("pending_cancels"));
  f.w.leave(f.backlog(), f.id);
}

void members_cancelled(cancelled_flow& f) {
  leaves_backlog(f);
  for (unsigned at = 0; at < f.members.size(); ++at) {
    const auto& m = f.members[at];
    if (m.at != phase::missing && m.at != phase::finished)
      expect_cancelled(m.e, f.has_reason ? f.reason : "flow_cancelled", moment(at));
  }
}

constexpr situation<cancelled_flow> cancel_reconciler[] = {
    {"grace window ends in the run", 60, in_run, write_owing, members_cancelled},
    {"grace window ended before the run", 22, overdue, write_owing, members_cancelled},
    {"grace window ends later", 10, never, write_owing},
    {"flow is gone", 4, overdue, [](cancelled_flow& f) { write_cancelled(f, false, true); }, leaves_backlog},
    {"nothing is owed any more", 4, overdue, [](cancelled_flow& f) { write_cancelled(f, true, false); },
     leaves_backlog}};

// --- flow_projector

constexpr std::array<std::string_view, 11> labels{"completed", "failed",       "cancelled",       "expired",
                                                  "skipped",   "active",       "suspended",       "waiting",
                                                  "delayed",   "rate_limited", "waiting_children"};
constexpr auto ended_labels = std::span(labels).first<5>();
constexpr std::array<std::string_view, 4> good_labels{"skipped", "completed", "completed", "completed"};

struct projected_flow : flow {
  using flow::flow;

  // Its members, with the labels of their states.
  void draw_members(std::span<const std::string_view> choices) {
    for (std::uint32_t left = r.executions; left > 0; --left) {
      auto e = make_member();
      members.emplace_back(std::move(e), chance.pick(choices));
    }
  }
  std::string index() const { return index_key(tag, "flow_index"); }

  std::vector<std::pair<execution, std::string_view>> members;
};

void write_labelled(projected_flow& f, const execution& e, std::string_view label) {
  const auto past = f.times.overdue(f.chance);
  const auto future = f.times.later(f.chance);
  e.create();
  if (label == "waiting") return;
  if (label == "active") {
    e.activate(future);
  } else if (label == "suspended") {
    e.suspend("fail", future, past);
  } else if (label == "delayed") {
    e.delay(delay_reason::retry, future);
  } else if (label == "rate_limited") {
    e.block(block_reason::operator_hold, past);
  } else if (label == "waiting_children") {
    e.block(block_reason::dependencies, past);
  } else {
    e.finish(label == "completed" ? "success" : label, past);
  }
}

void write_projected(projected_flow& f) {
  f.w.join(f.index(), f.id);
  f.write_core("dag", "open", f.times.now - 60'000);
  std::vector<std::string> ids;
  for (const auto& [e, label] : f.members) {
    write_labelled(f, e, label);
    ids.push_back(e.id);
  }
  f.w.put_set(f.key("members"), ids);
}

std::string_view state_of(std::map<std::string_view, std::int64_t>& counts, std::int64_t total) {
  const auto bad = counts["failed"] + counts["cancelled"] + counts["expired"];
  if (counts["completed"] + counts["skipped"] + bad == total) return bad > 0 ? "failed" : "completed";
  if (counts["active"] > 0) return "running";
  const auto stopped =
      counts["suspended"] + counts["delayed"] + counts["rate_limited"] + counts["waiting_children"];
  return stopped > 0 ? "blocked" : "open";
}

void expect_summary(projected_flow& f) {
  std::map<std::string_view, std::int64_t> counts;
  for (const auto label : labels) counts[label] = 0;
  for (const auto& [e, label] : f.members) ++counts[label];
  const auto total = static_cast<std::int64_t>(f.members.size());
  const auto state = state_of(counts, total);
  const auto summary = f.key("summary");
  for (const auto& [label, count] : counts) f.w.set(summary, "members_" + std::string(label), count);
  f.w.set(summary, {{"total_members", total},
                    {"sampled_members", total},
                    {"public_flow_state", state},
                    {"last_summary_update_at", moment()}});
  if (state == "completed" || state == "failed") f.w.leave(f.index(), f.id);
}

template <void (*Draw)(projected_flow&)>
void write_drawn(projected_flow& f) {
  Draw(f);
  write_projected(f);
}
template <void (*Draw)(projected_flow&)>
void summed_up(projected_flow& f) {
  Draw(f);
  expect_summary(f);
}

void any(projected_flow& f) { f.draw_members(labels); }
void good(projected_flow& f) { f.draw_members(good_labels); }
void bad(projected_flow& f) {
  f.draw_members(ended_labels);
  f.members.front().second = "failed";
}

constexpr situation<projected_flow> flow_projector[] = {
    {"members in all states", 50, overdue, write_drawn<any>, summed_up<any>, {1, 12}},
    {"many members", 5, overdue, write_drawn<any>, summed_up<any>, {60, 150}},
    {"all members completed", 18, overdue, write_drawn<good>, summed_up<good>, {1, 12}},
    {"all members ended, some badly", 15, overdue, write_drawn<bad>, summed_up<bad>, {1, 12}},
    {"id of a flow that is gone",
     6,
     overdue,
     [](projected_flow& f) { f.w.join(f.index(), f.id); },
     [](projected_flow& f) { f.w.leave(f.index(), f.id); },
     {0, 0}},
    {"no members", 6, never, write_projected, nullptr, {0, 0}}};

}  // namespace flows_work

std::unique_ptr<workload> work_for_cancel_reconciler() {
  return make_work("cancel_reconciler", 12, flows_work::cancel_reconciler);
}
std::unique_ptr<workload> work_for_flow_projector() {
  return make_work("flow_projector", 8, flows_work::flow_projector);
}

}  // namespace scanhost::demo
