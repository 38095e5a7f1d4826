// SPDX-License-Identifier: Apache-2.0
//
// Work for dependency_reconciler: chains of executions whose first has ended without the next being told.
// After a success the next becomes eligible, and the chain waits for it; after anything else the whole chain
// is skipped, link by link. Chains whose first still runs must stay.
#include "workload.hpp"

namespace scanhost::demo {
namespace dependencies_work {

using enum comes_due;

struct edge {
  std::string id;
  std::size_t upstream, downstream;
};

struct chain : scene {
  static constexpr range executions{2, 5};

  explicit chain(const scene& at) : scene(at), flow(chance.uuid()) {
    for (std::uint32_t link = 0; link < r.executions; ++link) {
      links.emplace_back(w, chance, r.partition, times.now).flow = flow;
      if (link > 0) edges.push_back({chance.uuid(), link - 1, link});
    }
  }

  std::vector<std::string> edges_to(std::size_t link) const {
    std::vector<std::string> ids;
    for (const auto& e : edges) {
      if (e.downstream == link) ids.push_back(e.id);
    }
    return ids;
  }

  std::string flow;
  std::vector<execution> links;  // the first has ended; each later one waits for the one before it
  std::vector<edge> edges;
};

std::string dependency_key(const chain& c, const edge& e) { return c.links[e.downstream].key("dep:" + e.id); }

void write_waiting(chain& c, const execution& link, const std::vector<std::string>& edges,
                   std::int64_t since) {
  link.create().block(block_reason::dependencies, since);
  c.w.put_set(link.key("deps:unresolved"), edges);
  c.w.put_set(link.key("deps:all_edges"), edges);
  const auto meta = link.key("deps:meta");
  c.w.set(meta, "unsatisfied_required_count", static_cast<std::int64_t>(edges.size()));
  c.w.set(meta, {{"flow_id", c.flow}, {"last_flow_graph_revision", 3}, {"last_dependency_update_at", since}});
}

// `outcome` of the links that wait for nothing; empty: they run.
void write(chain& c, std::string_view outcome) {
  for (std::size_t at = 0; at < c.links.size(); ++at) {
    const auto& link = c.links[at];
    const auto past = c.times.overdue(c.chance);
    if (const auto edges = c.edges_to(at); !edges.empty())
      write_waiting(c, link, edges, past);
    else if (outcome.empty())
      link.create().activate(c.times.later(c.chance));
    else
      link.create().finish(outcome, past);
  }
  for (const auto& e : c.edges) {
    const auto key = dependency_key(c, e);
    c.w.set(key, {{"edge_id", e.id}, {"flow_id", c.flow}, {"dependency_kind", "success_only"}});
    c.w.set(key, {{"state", "unsatisfied"}, {"data_passing_ref", ""}, {"last_resolved_at", ""}});
    c.w.set(key, "upstream_execution_id", c.links[e.upstream].id);
    c.w.set(key, "downstream_execution_id", c.links[e.downstream].id);
  }
}

// Which of an execution's edges is resolved last is open, and so is the time in its own record.
void expect_resolved(chain& c, const edge& e, const char* state, unsigned step) {
  const auto& downstream = c.links[e.downstream];
  c.w.set(dependency_key(c, e), {{"state", state}, {"last_resolved_at", moment(step)}});
  c.w.drop(downstream.key("deps:unresolved"));
  c.w.set(downstream.key("deps:meta"),
          {{"unsatisfied_required_count", 0},
           {"last_dependency_update_at", moment(100 + static_cast<unsigned>(e.downstream))}});
}

void satisfied(chain& c) {
  unsigned step = 0;
  for (const auto& e : c.edges) {
    if (c.edges_to(e.upstream).empty()) expect_resolved(c, e, "satisfied", step);
    ++step;
  }
  expect_unblocked(c.links[1], moment(step));
}

void skipped(chain& c) {
  unsigned step = 0;
  for (const auto& e : c.edges) {
    expect_resolved(c, e, "impossible", step++);
    c.w.set(c.links[e.downstream].key("deps:meta"), "impossible_required_count", 1);
  }
  for (std::size_t link = 1; link < c.links.size(); ++link) expect_skipped(c.links[link], moment(step++));
}

void succeeded(chain& c) { write(c, "success"); }
void failed(chain& c) { write(c, "failed"); }
void cancelled(chain& c) { write(c, "cancelled"); }
void running(chain& c) { write(c, ""); }
// Makes the third link an upstream of the second, as the first is.
void fork(chain& c) { c.edges = {{c.chance.uuid(), 0, 1}, {c.chance.uuid(), 2, 1}}; }
void pass_data(chain& c) { c.w.set(dependency_key(c, c.edges.front()), "data_passing_ref", "result"); }
void data_passed(chain& c) { c.w.put_string(c.links[1].key("payload"), c.w.get(c.links[0].key("result"))); }

constexpr situation<chain> table[] = {
    {"upstream succeeded", 30, overdue, succeeded, satisfied},
    {"upstream succeeded and passes its result", 15, overdue, steps<succeeded, pass_data>,
     steps<satisfied, data_passed>},
    {"both upstreams succeeded", 15, overdue, steps<fork, succeeded>, steps<fork, satisfied>, {3, 3}},
    {"upstream failed: the chain is skipped", 20, overdue, failed, skipped},
    {"upstream was cancelled: the chain is skipped", 5, overdue, cancelled, skipped},
    {"upstream still runs", 15, never, running}};

}  // namespace dependencies_work

void add_dependency_work(workloads& loads) {
  loads.emplace_back("dependency_reconciler", 6, dependencies_work::table);
}

}  // namespace scanhost::demo
