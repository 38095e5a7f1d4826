// SPDX-License-Identifier: Apache-2.0
//
// Work for dependency_reconciler: chains of executions whose first has ended without the next being told.
// After a success the next becomes eligible, and the chain waits for it; after anything else the whole chain
// is skipped, link by link. Chains whose first still runs must stay. And groups, whose child waits for some
// of its upstreams: once that is decided, edge_cancel_dispatcher cancels the upstreams that still run.
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

// `outcome_of` a link that waits for nothing; empty: it runs.
template <class OutcomeOf>
void write_links(chain& c, OutcomeOf outcome_of) {
  for (std::size_t at = 0; at < c.links.size(); ++at) {
    const auto& link = c.links[at];
    const auto past = c.times.overdue(c.chance);
    if (const auto edges = c.edges_to(at); !edges.empty())
      write_waiting(c, link, edges, past);
    else if (const std::string_view outcome = outcome_of(at); outcome.empty())
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

constexpr char success[] = "success", failure[] = "failed", cancel[] = "cancelled", none[] = "";
template <const char* Outcome>
void upstream(chain& c) {
  write_links(c, [](std::size_t) { return Outcome; });
}
// Makes the third link an upstream of the second, as the first is.
void fork(chain& c) { c.edges = {{c.chance.uuid(), 0, 1}, {c.chance.uuid(), 2, 1}}; }
void pass_data(chain& c) { c.w.set(dependency_key(c, c.edges.front()), "data_passing_ref", "result"); }
void data_passed(chain& c) { c.w.put_string(c.links[1].key("payload"), c.w.get(c.links[0].key("result"))); }

constexpr situation<chain> table[] = {
    {"upstream succeeded", 30, overdue, upstream<success>, satisfied},
    {"upstream succeeded and passes its result", 15, overdue, steps<upstream<success>, pass_data>,
     steps<satisfied, data_passed>},
    {"both upstreams succeeded", 15, overdue, steps<fork, upstream<success>>, steps<fork, satisfied>, {3, 3}},
    {"upstream failed: the chain is skipped", 20, overdue, upstream<failure>, skipped},
    {"upstream was cancelled: the chain is skipped", 5, overdue, upstream<cancel>, skipped},
    {"upstream still runs", 15, never, upstream<none>}};

// --- groups: `k` of the upstreams of the first link are enough

struct group : chain {
  static constexpr range executions{6, 6};

  explicit group(const scene& at) : chain(at) {
    edges.clear();
    for (std::size_t link = 1; link < links.size(); ++link) edges.push_back({chance.uuid(), link, 0});
  }
  std::string key(const std::string& part) const { return key_of("ff:flow", links[0].tag, flow, part); }
  std::string record() const { return key("edgegroup:" + links[0].id); }
};

// Of five upstreams so many have succeeded, the next ones have failed, and the rest runs.
struct ended {
  int k, succeeded, failed;

  constexpr std::string_view outcome(std::size_t link) const {
    const auto at = static_cast<int>(link);
    return at <= succeeded ? success : at <= succeeded + failed ? failure : none;
  }
  constexpr std::string_view state() const {
    return succeeded >= k ? "satisfied" : failed > 5 - k ? "impossible" : "pending";
  }
};

template <ended Ended>
void write_group(group& g) {
  write_links(g, [](std::size_t link) { return Ended.outcome(link); });
  const auto any = Ended.k == 1;
  g.w.set(g.record(), {{"policy_variant", any ? "any_of" : "quorum"}, {"k", any ? 0 : Ended.k}, {"n", 5}});
  g.w.set(g.record(), {{"on_satisfied", "cancel_remaining"}, {"created_at", g.times.now - hour}});
  g.w.set(g.record(), "group_state", "pending");
  g.w.set_each(g.record(), 0, {"succeeded", "failed", "skipped"});
  for (const auto& e : g.edges)
    g.w.set(g.key("edge:" + e.id), {{"edge_id", e.id}, {"upstream_execution_id", g.links[e.upstream].id}});
  g.w.put_set(g.key("in:" + g.links[0].id), g.edges_to(0));
}

// The upstreams that still run stay unresolved: once it is decided, the child waits no more.
template <ended Ended>
void resolved(group& g) {
  std::vector<std::string> unresolved;
  for (const auto& e : g.edges) {
    const auto outcome = Ended.outcome(e.upstream);
    const auto* state = outcome == success ? "satisfied" : "impossible";
    if (outcome.empty())
      unresolved.push_back(e.id);
    else
      g.w.set(dependency_key(g, e),
              {{"state", state}, {"last_resolved_at", moment(static_cast<unsigned>(e.upstream))}});
  }
  g.w.put_set(g.links[0].key("deps:unresolved"), unresolved);
  g.w.set(g.record(), {{"succeeded", Ended.succeeded}, {"failed", Ended.failed}});
}

template <ended Ended>
void decided(group& g) {
  resolved<Ended>(g);
  const std::string state(Ended.state()), reason = "sibling_quorum_" + state;
  g.w.set(g.record(), {{"group_state", state}, {"cancel_siblings_reason", reason}});
  if (state == "satisfied") {
    g.w.set(g.record(), "satisfied_at", moment(10));
    expect_unblocked(g.links[0], moment(10));
  } else {
    expect_skipped(g.links[0], moment(10));
  }
  for (std::size_t link = 1; link < g.links.size(); ++link) {
    if (Ended.outcome(link).empty())
      expect_cancelled(g.links[link], reason, moment(10 + static_cast<unsigned>(link)));
  }
}

constexpr ended any_succeeded{1, 1, 2}, all_failed{1, 0, 5}, quorum{3, 3, 1}, no_quorum{4, 1, 2},
    open{3, 2, 2};
constexpr situation<group> groups[] = {
    {"any of its upstreams has succeeded", 20, overdue, write_group<any_succeeded>, decided<any_succeeded>},
    {"all of any have failed: it is skipped", 10, overdue, write_group<all_failed>, decided<all_failed>},
    {"a quorum has succeeded", 15, overdue, write_group<quorum>, decided<quorum>},
    {"no quorum can succeed: it is skipped", 10, overdue, write_group<no_quorum>, decided<no_quorum>},
    {"the quorum is open", 10, overdue, write_group<open>, resolved<open>}};

}  // namespace dependencies_work

void add_dependency_work(workloads& loads) {
  loads.emplace_back("dependency_reconciler", 6, dependencies_work::table, dependencies_work::groups);
}

}  // namespace scanhost::demo
