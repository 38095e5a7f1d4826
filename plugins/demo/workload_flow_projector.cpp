// SPDX-License-Identifier: Apache-2.0
//
// Work for flow_projector: flows of all sizes whose members nobody else changes, so that the summary to
// be written is known exactly; finished ones, which leave the index; ids of flows that are gone.
#include <array>

#include "execution.hpp"
#include "keys.hpp"
#include "partition_of.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace flow_projector_work {

enum variety : std::uint8_t { mixed, large, completed, failed, gone, empty };

constexpr std::array<share, 6> shares{
    {{mixed, 50}, {large, 5}, {completed, 18}, {failed, 15}, {gone, 6}, {empty, 6}}};
constexpr std::array<std::string_view, 6> names{"members in all states",     "many members",
                                                "all members completed",     "all members ended, some badly",
                                                "id of a flow that is gone", "no members"};
constexpr std::array<std::string_view, 11> labels{"completed", "failed",       "cancelled",       "expired",
                                                  "skipped",   "active",       "suspended",       "waiting",
                                                  "delayed",   "rate_limited", "waiting_children"};

std::string_view outcome_of(std::string_view label) { return label == "completed" ? "success" : label; }

struct flow {
  std::string tag, id;
  std::vector<std::pair<execution, std::string_view>> members;  // with their public states
  std::string key(std::string_view part) const { return flow_key(tag, id, part); }
};

std::string_view label_for(const record& r, dice& chance) {
  const std::span known_labels(labels);
  if (r.variety == completed) return chance.one_in(4) ? "skipped" : "completed";
  return chance.pick(r.variety == failed ? known_labels.first(5) : known_labels);
}

flow make_flow(dice& chance, const record& r, std::int64_t now) {
  flow f;
  f.id = chance.uuid();
  f.tag = flow_tag(r.partition);
  for (std::uint32_t at = 0; at < r.executions; ++at) {
    f.members.emplace_back(make_execution(chance, r.partition, now), label_for(r, chance));
    f.members.back().first.flow = f.id;
  }
  if (r.variety == failed) f.members.front().second = "failed";
  return f;
}

void write_member(world& w, const execution& e, std::string_view label, const timing& times, dice& chance) {
  const auto past = times.overdue(chance);
  const auto future = times.later(chance);
  write_created(w, e, chance);
  if (label == "waiting") return;
  if (label == "active") return make_active(w, e, future, chance);
  if (label == "suspended") return make_suspended(w, e, "fail", future, past, chance);
  if (label == "delayed") return make_delayed(w, e, delay::retry, future, chance);
  if (label == "rate_limited") return make_blocked(w, e, block::operator_hold, past);
  if (label == "waiting_children") return make_blocked(w, e, block::dependencies, past);
  make_terminal(w, e, outcome_of(label), past, chance);
}

std::string_view state_of(const std::map<std::string_view, std::int64_t>& counts, std::int64_t total) {
  const auto of = [&](std::string_view label) { return counts.at(label); };
  const auto bad = of("failed") + of("cancelled") + of("expired");
  if (of("completed") + of("skipped") + bad == total) return bad > 0 ? "failed" : "completed";
  if (of("active") > 0) return "running";
  return of("suspended") + of("delayed") + of("rate_limited") + of("waiting_children") > 0 ? "blocked"
                                                                                           : "open";
}

class flow_projector final : public workload {
 public:
  std::string_view scanner() const override { return "flow_projector"; }
  std::size_t weight() const override { return 8; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t count = 0; count < executions;) {
      record r{chance.roll(), 0, 0, 0, draw(chance, shares)};
      if (r.variety < gone)
        r.executions =
            static_cast<std::uint32_t>(r.variety == large ? chance.between(60, 150) : chance.between(1, 12));
      dice own(r.seed);
      r.partition = partition_of(own.uuid(), flow_partitions);  // the first that make_flow draws
      if (r.variety != empty) r.due = times.overdue(chance);
      count += std::max(r.executions, 1U);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto f = make_flow(chance, r, times_.now);
    w.join(index_key(f.tag, "flow_index"), f.id);
    if (r.variety == gone) return w;
    const auto count = static_cast<std::int64_t>(f.members.size());
    w.set(f.key("core"), {{"flow_id", f.id},
                          {"flow_kind", "dag"},
                          {"namespace", "acme"},
                          {"graph_revision", count},
                          {"node_count", count},
                          {"edge_count", 0},
                          {"public_flow_state", "open"},
                          {"created_at", times_.now - 7 * 3'600'000},
                          {"last_mutation_at", times_.now - 60'000}});
    members flow_members;
    for (const auto& [e, label] : f.members) {
      write_member(w, e, label, times_, chance);
      flow_members.value.push_back(e.id);
    }
    if (count > 0) w.put(f.key("members"), flow_members);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto f = make_flow(chance, r, times_.now);
    if (r.variety == gone) return w.leave(index_key(f.tag, "flow_index"), f.id);
    std::map<std::string_view, std::int64_t> counts;
    for (const auto label : labels) counts[label] = 0;
    for (const auto& [e, label] : f.members) ++counts[label];
    const auto total = static_cast<std::int64_t>(f.members.size());
    for (const auto& [label, count] : counts) w.set(f.key("summary"), "members_" + std::string(label), count);
    const auto state = state_of(counts, total);
    w.set(f.key("summary"), {{"total_members", total},
                             {"sampled_members", total},
                             {"public_flow_state", state},
                             {"last_summary_update_at", moment()}});
    if (state == "completed" || state == "failed") w.leave(index_key(f.tag, "flow_index"), f.id);
  }
};

}  // namespace flow_projector_work

std::unique_ptr<workload> work_for_flow_projector() {
  return std::make_unique<flow_projector_work::flow_projector>();
}

}  // namespace scanhost::demo
