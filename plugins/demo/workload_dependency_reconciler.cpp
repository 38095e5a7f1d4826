// SPDX-License-Identifier: Apache-2.0
//
// Work for dependency_reconciler: chains of executions of which the first has ended and nobody told the
// next. After a success the next becomes eligible, and the chain waits for it; after anything else the
// whole chain is skipped, link by link. Chains whose first still runs must stay.
#include <array>

#include "execution.hpp"
#include "keys.hpp"
#include "outcomes.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace dependency_reconciler_work {

enum variety : std::uint8_t { satisfied, passes_data, two_edges, failed, cancelled, running };

constexpr std::array<share, 6> shares{
    {{satisfied, 30}, {passes_data, 15}, {two_edges, 15}, {failed, 20}, {cancelled, 5}, {running, 15}}};
constexpr std::array<std::string_view, 6> names{"upstream succeeded",
                                                "upstream succeeded and passes its result",
                                                "both upstreams succeeded",
                                                "upstream failed: the chain is skipped",
                                                "upstream was cancelled: the chain is skipped",
                                                "upstream still runs"};

struct edge {
  std::string id;
  std::size_t upstream;
  std::size_t downstream;
};

struct chain {
  std::string flow;
  std::vector<execution> links;  // the first has ended; each later one waits for the one before it
  std::vector<edge> edges;
};

chain make_chain(dice& chance, const record& r, std::int64_t now) {
  chain c;
  c.flow = chance.uuid();
  for (std::uint32_t at = 0; at < r.executions; ++at) {
    c.links.push_back(make_execution(chance, r.partition, now));
    c.links.back().flow = c.flow;
    if (at > 0) c.edges.push_back({chance.uuid(), at - 1, at});
  }
  // With two edges the third link is an ended upstream as well, of the second.
  if (r.variety == two_edges) c.edges = {{chance.uuid(), 0, 1}, {chance.uuid(), 2, 1}};
  return c;
}

bool is_skipped(std::uint8_t variety) { return variety == failed || variety == cancelled; }
std::string_view outcome_of(std::uint8_t variety) {
  return variety == failed ? "failed" : variety == cancelled ? "cancelled" : "success";
}

std::string dep_key(const chain& c, const edge& link) {
  return c.links[link.downstream].key("dep:" + link.id);
}

void write_edge(world& w, const chain& c, const edge& link, bool data) {
  const auto& child = c.links[link.downstream];
  w.set(dep_key(c, link), {{"edge_id", link.id},
                           {"flow_id", c.flow},
                           {"upstream_execution_id", c.links[link.upstream].id},
                           {"downstream_execution_id", child.id},
                           {"dependency_kind", "success_only"},
                           {"state", "unsatisfied"},
                           {"data_passing_ref", data ? "result" : ""},
                           {"last_resolved_at", ""}});
}

class dependency_reconciler final : public workload {
 public:
  std::string_view scanner() const override { return "dependency_reconciler"; }
  std::size_t weight() const override { return 6; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t count = 0, at = 0; count < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 0, 0, draw(chance, shares)};
      r.executions = r.variety == two_edges ? 3 : static_cast<std::uint32_t>(chance.between(2, 5));
      if (r.variety != running) r.due = times.overdue(chance);
      count += r.executions;
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto c = make_chain(chance, r, times_.now);
    for (std::size_t at = 0; at < c.links.size(); ++at) write_link(w, c, r, at, chance);
    for (const auto& link : c.edges) write_edge(w, c, link, r.variety == passes_data && link.upstream == 0);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto c = make_chain(chance, r, times_.now);
    unsigned step = 0;
    for (const auto& link : c.edges) {
      const bool reached = is_skipped(r.variety) || link.upstream == 0 || r.variety == two_edges;
      if (reached) resolve(w, c, link, r.variety, step);
      ++step;
    }
    if (is_skipped(r.variety)) {
      for (std::size_t at = 1; at < c.links.size(); ++at) expect_skipped(w, c.links[at], step++);
      return;
    }
    expect_satisfied(w, c.links[1], step);
    if (r.variety == passes_data) w.put(c.links[1].key("payload"), w.keys().at(c.links[0].key("result")));
  }

 private:
  void write_link(world& w, const chain& c, const record& r, std::size_t at, dice& chance) const {
    const auto& e = c.links[at];
    const auto past = times_.overdue(chance);
    write_created(w, e, chance);
    if (at == 0 && r.variety == running) return make_active(w, e, times_.later(chance), chance);
    if (at == 0 || (at == 2 && r.variety == two_edges))
      return make_terminal(w, e, outcome_of(r.variety), past, chance);
    make_blocked(w, e, block::dependencies, past);
    members edges;
    for (const auto& link : c.edges) {
      if (link.downstream == at) edges.value.push_back(link.id);
    }
    w.put(e.key("deps:unresolved"), edges);
    w.put(e.key("deps:all_edges"), edges);
    w.set(e.key("deps:meta"), {{"unsatisfied_required_count", static_cast<std::int64_t>(edges.value.size())},
                               {"flow_id", c.flow},
                               {"last_flow_graph_revision", 3},
                               {"last_dependency_update_at", past}});
  }

  // One edge. Which of a child's edges comes last is open, and so is the child's own time.
  static void resolve(world& w, const chain& c, const edge& link, std::uint8_t variety, unsigned step) {
    const auto& child = c.links[link.downstream];
    w.set(dep_key(c, link),
          {{"state", is_skipped(variety) ? "impossible" : "satisfied"}, {"last_resolved_at", moment(step)}});
    w.drop(child.key("deps:unresolved"));
    w.set(child.key("deps:meta"),
          {{"unsatisfied_required_count", 0},
           {"last_dependency_update_at", moment(100 + static_cast<unsigned>(link.downstream))}});
    if (is_skipped(variety)) w.set(child.key("deps:meta"), "impossible_required_count", 1);
  }
};

}  // namespace dependency_reconciler_work

std::unique_ptr<workload> work_for_dependency_reconciler() {
  return std::make_unique<dependency_reconciler_work::dependency_reconciler>();
}

}  // namespace scanhost::demo
