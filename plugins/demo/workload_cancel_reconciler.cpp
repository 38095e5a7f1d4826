// SPDX-License-Identifier: Apache-2.0
//
// Work for cancel_reconciler: cancelled flows that still owe the cancelling of members in every phase,
// whose grace window ends before and during the run; flows whose window ends later, which must stay as
// they are; backlog entries of flows that are gone or owe nothing, which must go.
#include <array>

#include "execution.hpp"
#include "keys.hpp"
#include "outcomes.hpp"
#include "partition_of.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace cancel_reconciler_work {

enum variety : std::uint8_t { ends_in_run, overdue, in_grace, gone, settled };

constexpr std::array<share, 5> shares{
    {{ends_in_run, 60}, {overdue, 22}, {in_grace, 10}, {gone, 4}, {settled, 4}}};
constexpr std::array<std::string_view, 5> names{
    "grace window ends in the run", "grace window ended before the run", "grace window ends later",
    "flow is gone", "nothing is owed any more"};

enum class phase {
  eligible,
  delayed,
  budget,
  quota,
  route,
  held,
  dependencies,
  active,
  suspended,
  finished,
  missing
};
constexpr std::int64_t phases = 11;
constexpr std::int64_t fewest = 4;
constexpr std::int64_t most = 12;

struct member {
  execution who;
  enum phase phase;
};

struct flow {
  std::string tag, id, reason;
  bool has_reason = true;
  std::vector<member> members;

  std::string key(std::string_view part) const { return flow_key(tag, id, part); }
  std::string backlog() const { return index_key(tag, "cancel_backlog"); }
};

flow make_flow(dice& chance, const record& r, std::int64_t now) {
  flow f;
  f.id = chance.uuid();
  f.tag = flow_tag(r.partition);
  f.reason = chance.one_in(8) ? "" : "superseded by release " + chance.hex(7);
  f.has_reason = !chance.one_in(8);
  for (std::uint32_t at = 0; at < r.executions; ++at) {
    member cancelled_member{make_execution(chance, r.partition, now),
                            static_cast<phase>(chance.between(0, phases - 1))};
    cancelled_member.who.flow = f.id;
    f.members.push_back(std::move(cancelled_member));
  }
  return f;
}

void write_member(world& w, const member& cancelled_member, const timing& times, dice& chance) {
  const auto& e = cancelled_member.who;
  const auto past = times.overdue(chance);
  const auto future = times.later(chance);
  if (cancelled_member.phase == phase::missing) return;
  write_created(w, e, chance);
  switch (cancelled_member.phase) {
    case phase::delayed:
      make_delayed(w, e, chance.one_in(2) ? delay::retry : delay::at_creation, future, chance);
      break;
    case phase::budget:
      make_blocked(w, e, block::budget, past);
      break;
    case phase::quota:
      make_blocked(w, e, block::quota, past);
      break;
    case phase::route:
      make_blocked(w, e, block::route, past);
      break;
    case phase::held:
      make_blocked(w, e, block::operator_hold, past);
      break;
    case phase::dependencies:
      make_blocked(w, e, block::dependencies, past);
      break;
    case phase::active:
      make_active(w, e, future, chance);
      w.enter(e.index("attempt_timeout"), e.id, future);
      break;
    case phase::suspended:
      make_suspended(w, e, "fail", chance.one_in(3) ? 0 : future, past, chance);
      break;
    case phase::finished:
      make_terminal(w, e, chance.one_in(2) ? "success" : "failed", past, chance);
      break;
    default:
      break;
  }
  // What a flow's cancel put on hold is nobody's to release: not unblock's, whatever it is blocked by.
  const bool blocked = cancelled_member.phase == phase::budget || cancelled_member.phase == phase::quota ||
                       cancelled_member.phase == phase::route;
  if (blocked) w.set(e.core(), "blocking_reason", "paused_by_flow_cancel");
  if (cancelled_member.phase != phase::finished && chance.one_in(3))
    w.enter(e.index("execution_deadline"), e.id, future);
}

fields flow_record(const flow& f, std::int64_t now, std::int64_t cancelled) {
  const auto count = static_cast<std::int64_t>(f.members.size());
  fields core{{"flow_id", f.id},
              {"flow_kind", "batch"},
              {"namespace", "acme"},
              {"graph_revision", count},
              {"node_count", count},
              {"edge_count", 0},
              {"public_flow_state", "cancelled"},
              {"created_at", now - 7 * 3'600'000},
              {"last_mutation_at", cancelled},
              {"cancelled_at", cancelled},
              {"cancellation_policy", "cancel_all"}};
  if (f.has_reason) core.emplace_back("cancel_reason", f.reason);
  return core;
}

class cancel_reconciler final : public workload {
 public:
  std::string_view scanner() const override { return "cancel_reconciler"; }
  std::size_t weight() const override { return 12; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t count = 0; count < executions;) {
      record r{chance.roll(), 0, static_cast<std::uint32_t>(chance.between(fewest, most)), 0,
               draw(chance, shares)};
      dice own(r.seed);
      r.partition = partition_of(own.uuid(), flow_partitions);  // the first that make_flow draws
      if (r.variety == ends_in_run) r.due = times.in_the_run(chance);
      if (r.variety != ends_in_run && r.variety != in_grace) r.due = times.overdue(chance);
      count += r.executions;
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto f = make_flow(chance, r, times_.now);
    const auto due = r.due != 0 ? r.due : times_.later(chance);
    members flow_members;
    for (const auto& cancelled_member : f.members) {
      flow_members.value.push_back(cancelled_member.who.id);
      write_member(w, cancelled_member, times_, chance);
    }
    if (r.variety != settled) w.put(f.key("pending_cancels"), flow_members);
    if (r.variety != gone) {
      w.set(f.key("core"), flow_record(f, times_.now, times_.now - 30'000));
      w.put(f.key("members"), flow_members);
    }
    w.enter(f.backlog(), f.id, due);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto f = make_flow(chance, r, times_.now);
    w.drop(f.key("pending_cancels"));
    w.leave(f.backlog(), f.id);
    if (r.variety == gone || r.variety == settled) return;
    const auto reason = f.has_reason ? f.reason : std::string("flow_cancelled");
    for (unsigned at = 0; at < f.members.size(); ++at) {
      const auto& cancelled_member = f.members[at];
      if (cancelled_member.phase != phase::missing && cancelled_member.phase != phase::finished)
        expect_cancelled(w, cancelled_member.who, reason, at);
    }
  }
};

}  // namespace cancel_reconciler_work

std::unique_ptr<workload> work_for_cancel_reconciler() {
  return std::make_unique<cancel_reconciler_work::cancel_reconciler>();
}

}  // namespace scanhost::demo
