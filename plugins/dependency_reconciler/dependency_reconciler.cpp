// SPDX-License-Identifier: Apache-2.0
//
// dependency_reconciler: finds children that still wait for an upstream execution that has ended, and
// resolves their edges: the safety net behind the push path.
//
// Finds: all entries of each lane's `blocked:dependencies`, all unresolved edges of each, the outcome of
//        each edge's upstream.
// Does:  ff_resolve_dependency for every edge whose upstream has ended. A child that is skipped by that is an
//        upstream that has ended, so the pass is repeated for those that wait for it.
//        A child of a flow may have an any-of or quorum group, which the function judges if it is told the
//        group's keys: so it always is.
// Leaves alone: edges whose upstream has not ended or whose id is malformed; children whose edges were all
//        resolved before, or whose group still waits.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/filter.hpp"
#include "common/function_call.hpp"
#include "common/guarded_write.hpp"
#include "common/ids.hpp"
#include "common/index_sweep.hpp"
#include "common/lanes.hpp"
#include "common/reply_class.hpp"
#include "dependency_reconciler/upstream_outcomes.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

constexpr std::string_view function = "ff_resolve_dependency";
// Edges that are read, or resolved, in one pipeline.
constexpr std::size_t chunk_size = 200;

// What one scan of a partition knows, over all its lanes and passes.
struct scan_state {
  upstream_outcomes upstreams;
  std::unordered_set<std::string> tried;  // edges, children and filtered ones that were dealt with
  bool skipped_a_child = false;

  bool first_time(std::string item) { return tried.insert(std::move(item)).second; }
};

struct edge {
  std::string id;
  std::string upstream = {};
};

struct child {
  candidate* of;
  std::vector<edge> edges = {};  // those that are not resolved; later: those that can be
  std::string attempt = {};
  std::string flow = {};  // empty: it belongs to none, so it has no group
  bool readable = true;
};

using edges = std::vector<std::pair<child*, edge*>>;

std::string item_of(const child& dependent, const edge& via) {
  return joined(dependent.of->id, " edge ", via.id);
}

class blocked_pages : public page_handler {
 public:
  blocked_pages(const ff::filter& filter, std::string_view lane, std::string index, scan_state& state)
      : filter_(filter), lane_(lane), index_(std::move(index)), state_(state) {}

  task<void> handle(scan_context& scan, page& offered, const index_walk&, page_gate&,
                    tally& counts) override {
    auto children = co_await select(scan, offered, counts);
    if (!counts.cancelled()) co_await read_edges(scan, children, counts);
    if (!counts.cancelled()) co_await read_all_upstreams(scan, children, counts);
    std::vector<child*> chosen;
    std::unordered_set<std::string_view> undecided;  // those of the chosen for which no call was made yet
    std::uint32_t acting = 0;
    for (auto& dependent : children) {
      if (counts.cancelled()) co_return;
      if (waits_for_any(dependent, undecided)) {
        undecided.clear();
        co_await resolve(scan, std::exchange(chosen, {}), counts);
      }
      std::erase_if(dependent.edges, [&](const edge& via) { return !state_.upstreams.of(via.upstream); });
      if (dependent.edges.empty()) continue;
      if (acting == offered.allowance) {
        // It and all behind it come with the next page.
        for (auto* later = dependent.of; later != &offered.candidates.back() + 1; ++later)
          later->entry = fate::unexamined;
        break;
      }
      ++acting;
      chosen.push_back(&dependent);
      undecided.insert(dependent.of->id);
    }
    if (!counts.cancelled()) co_await resolve(scan, std::move(chosen), counts);
  }

 private:
  // Whether its edges depend on what the calls for these do. A child that is skipped leaves the index, so
  // an edge of it that is not resolved together with the others never is.
  static bool waits_for_any(const child& dependent, const std::unordered_set<std::string_view>& undecided) {
    return std::ranges::any_of(dependent.edges,
                               [&](const edge& via) { return undecided.contains(via.upstream); });
  }

  task<std::vector<child>> select(scan_context& scan, page& offered, tally& counts) {
    std::vector<child> children;
    std::vector<filter_subject> subjects;
    for (auto& candidate : offered.candidates) {
      candidate.entry = fate::stays;
      if (!counts.should_skip(candidate.id)) {
        children.push_back({&candidate});
        subjects.push_back({std::string(scan.tag()), candidate.id});
      } else if (state_.first_time(candidate.id)) {
        counts.add_skipped();
      }
    }
    bool cancelled = false;
    const auto passing = co_await filter_.select(scan, std::move(subjects), cancelled);
    if (cancelled) counts.cancel();
    std::vector<child> kept;
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (passing[i])
        kept.push_back(std::move(children[i]));
      else if (state_.first_time(children[i].of->id))
        counts.add_skipped();
    }
    co_return kept;
  }

  task<void> read_edges(scan_context& scan, std::vector<child>& children, tally& counts) {
    scanhost::batch reads;
    for (const auto& dependent : children)
      reads.add("SMEMBERS", execution_keys(scan.tag(), dependent.of->id).deps_unresolved())
          .about(dependent.of->id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < children.size(); ++i) {
      auto& dependent = children[i];
      const auto unresolved = answers[i];
      if (!unresolved.ok()) failed(dependent.of->id, "reading its unresolved edges", unresolved, counts);
      for (std::size_t k = 0; k < unresolved.reply().size(); ++k) {
        edge via{std::string(unresolved[k].text())};
        const auto item = item_of(dependent, via);
        if (state_.tried.contains(item)) continue;
        if (!counts.should_skip(item))
          dependent.edges.push_back(std::move(via));
        else if (state_.first_time(item))
          counts.add_skipped();
      }
    }
  }

  // Reads the edges, and the outcomes of their upstreams, in chunks. Drops those that name none.
  task<void> read_all_upstreams(scan_context& scan, std::vector<child>& children, tally& counts) {
    edges pairs;
    for (auto& dependent : children)
      for (auto& via : dependent.edges) pairs.emplace_back(&dependent, &via);
    for (std::size_t first = 0; first < pairs.size() && !counts.cancelled(); first += chunk_size) {
      const auto last = std::min(first + chunk_size, pairs.size());
      co_await read_upstreams(scan,
                              {pairs.begin() + static_cast<std::ptrdiff_t>(first),
                               pairs.begin() + static_cast<std::ptrdiff_t>(last)},
                              counts);
    }
    for (auto& dependent : children)
      std::erase_if(dependent.edges, [](const edge& via) { return via.upstream.empty(); });
  }

  task<void> read_upstreams(scan_context& scan, edges chunk, tally& counts) {
    scanhost::batch reads;
    for (const auto& [dependent, via] : chunk)
      reads.add("HGET", execution_keys(scan.tag(), dependent->of->id).dep(via->id), "upstream_execution_id")
          .about(dependent->of->id);
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<std::string> upstreams;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const auto& [dependent, via] = chunk[i];
      const auto record = answers[i];
      if (!record.ok()) failed(item_of(*dependent, *via), "reading the edge", record, counts);
      via->upstream = record.reply().text();
      if (!via->upstream.empty()) upstreams.push_back(via->upstream);
    }
    bool cancelled = false;
    auto failures = co_await state_.upstreams.load(scan, std::move(upstreams), cancelled);
    if (cancelled) co_return counts.cancel();
    for (const auto& [dependent, via] : chunk) {
      const auto failure = failures.extract(via->upstream);
      if (!failure || !state_.first_time(item_of(*dependent, *via))) continue;
      counts.add_failure(item_of(*dependent, *via),
                         joined("reading its upstream '", printable(via->upstream), "': ", failure.mapped()));
    }
  }

  // Calls for all edges of the chosen children, in chunks. What the calls need of the children's records is
  // read just before.
  task<void> resolve(scan_context& scan, std::vector<child*> chosen, tally& counts) {
    edges pairs;
    for (auto* dependent : chosen)
      for (auto& via : dependent->edges) pairs.emplace_back(dependent, &via);
    for (std::size_t first = 0; first < pairs.size() && !counts.cancelled(); first += chunk_size) {
      const auto last = std::min(first + chunk_size, pairs.size());
      co_await resolve_chunk(scan,
                             {pairs.begin() + static_cast<std::ptrdiff_t>(first),
                              pairs.begin() + static_cast<std::ptrdiff_t>(last)},
                             counts);
    }
  }

  task<void> resolve_chunk(scan_context& scan, edges chunk, tally& counts) {
    co_await read_cores(scan, chunk, counts);
    if (counts.cancelled()) co_return;
    scanhost::batch calls;
    for (const auto& [dependent, via] : chunk) {
      calls.add(resolve_call(scan, *dependent, *via));
      state_.tried.insert(item_of(*dependent, *via));
    }
    const auto answers = co_await scan.execute(std::move(calls));
    edges invalid;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const auto& [dependent, via] = chunk[i];
      dependent->of->acted_on = true;
      if (is_invalid(answers[i]))
        invalid.push_back(chunk[i]);
      else
        judge(*dependent, *via, answers[i], counts);
    }
    if (!invalid.empty() && !counts.cancelled()) co_await settle_invalid(scan, std::move(invalid), counts);
  }

  // Drops from the chunk the edges of children whose core cannot be read.
  task<void> read_cores(scan_context& scan, edges& chunk, tally& counts) {
    scanhost::batch reads;
    std::vector<child*> asked;
    for (const auto& [dependent, via] : chunk) {
      if (!asked.empty() && asked.back() == dependent) continue;
      reads
          .add("HMGET", execution_keys(scan.tag(), dependent->of->id).core(), "current_attempt_index",
               "flow_id")
          .about(dependent->of->id);
      asked.push_back(dependent);
    }
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto core = answers[i];
      asked[i]->readable = core.ok();
      asked[i]->attempt = core[0].optional_text().value_or("0");
      asked[i]->flow = canonical_or_as_found(core[1].text());
      if (!core.ok()) failed(asked[i]->of->id, "reading its core", core, counts);
    }
    std::erase_if(chunk, [](const auto& pair) { return !pair.first->readable; });
  }

  // Engines before library 18 have no groups and read the first eleven keys and three arguments alone.
  scanhost::command resolve_call(const scan_context& scan, const child& dependent, const edge& via) const {
    const auto& id = dependent.of->id;
    const execution_keys keys(scan.tag(), id);
    const flow_keys flow(scan.tag(), dependent.flow);
    std::vector<std::string> call_keys = {keys.core(),
                                          keys.deps_meta(),
                                          keys.deps_unresolved(),
                                          keys.dep(via.id),
                                          lane_key(scan.tag(), lane_, "eligible"),
                                          lane_key(scan.tag(), lane_, "terminal"),
                                          index_,
                                          keys.attempt(dependent.attempt),
                                          keys.stream_meta(dependent.attempt),
                                          keys.payload(),
                                          execution_keys(scan.tag(), via.upstream).result()};
    const auto outcome = *state_.upstreams.of(via.upstream);
    if (dependent.flow.empty())
      return std::move(
          function_call(function, call_keys, via.id, outcome, scanhost::to_ms(scan.now())).acts(id));
    call_keys.push_back(flow.edge_group(id));
    call_keys.push_back(flow.incoming(id));
    call_keys.push_back(index_key(scan.tag(), "pending_cancel_groups"));
    return std::move(
        function_call(function, call_keys, via.id, outcome, scanhost::to_ms(scan.now()), dependent.flow, id)
            .acts(id));
  }

  static bool is_invalid(const scanhost::outcome& outcome) {
    return outcome.ok() && function_reply(outcome.reply()).refused_with("invalid_dependency");
  }

  void judge(child& dependent, const edge& via, const scanhost::outcome& outcome, tally& counts) {
    if (outcome.cancelled()) return counts.cancel();
    if (outcome.held_back()) return counts.add_skipped();
    const auto item = item_of(dependent, via);
    if (!outcome.ok()) return counts.add_failure(item, joined("calling ", function), outcome);
    const function_reply reply(outcome.reply());
    if (reply.refused_with("invariant_violation")) return add_violation(dependent, via, outcome, counts);
    if (!reply.accepted()) return counts.add_failure(item, reply.complaint(function));
    const bool changed = reply.word() != "already_resolved";
    counts.add_handled(item, changed);
    if (!changed) return;
    dependent.of->progressed = true;
    if (reply.word() == "pending") return;  // its group waits for more edges
    if (reply.word() == "already_fired") return note_late_edge(dependent, counts);
    dependent.of->entry = fate::left;
    if (outcome[3].text() != "child_skipped") return;
    state_.upstreams.skipped(dependent.of->id);
    state_.skipped_a_child = true;
  }

  // The edge is settled all the same, so it is not tried again and nothing is remembered of it.
  static void add_violation(const child& dependent, const edge& via, const scanhost::outcome& outcome,
                            tally& counts) {
    counts.add_error(joined("execution ", printable(dependent.of->id), " of flow ", printable(dependent.flow),
                            ": edge ", printable(via.id), " is settled, but ", printable(outcome[2].text())));
  }

  // A group fires once. A child that was replayed after that waits for edges that no longer count.
  void note_late_edge(const child& dependent, const tally& counts) {
    if (dependent.of->entry == fate::left || !state_.first_time(joined("late ", dependent.of->id))) return;
    counts.host().log(
        scanhost::log_level::warn,
        joined("execution ", printable(dependent.of->id), " of flow ", printable(dependent.flow),
               " is blocked although its edge group has fired: if it was replayed, it stays blocked"));
  }

  task<void> settle_invalid(scan_context& scan, edges invalid, tally& counts) {
    scanhost::batch removals;
    for (const auto& [dependent, via] : invalid) {
      const std::array keys = {execution_keys(scan.tag(), dependent->of->id).core(), index_};
      auto removal = guarded_write(counts.host(), remove_entry_without_record, keys, dependent->of->id);
      removals.add(std::move(removal.acts(dependent->of->id)));
    }
    const auto answers = co_await scan.execute(std::move(removals));
    for (std::size_t i = 0; i < invalid.size(); ++i) {
      const auto& [dependent, via] = invalid[i];
      const auto removal = answers[i];
      if (!removal.ok()) {
        failed(item_of(*dependent, *via), "removing its stale entry", removal, counts);
      } else if (removal.reply().integer() != 1) {
        counts.add_failure(item_of(*dependent, *via),
                           joined(function, " refused with 'invalid_dependency': the child stays blocked"));
      } else if (dependent->of->entry != fate::left) {
        dependent->of->entry = fate::left;
        counts.add_handled(dependent->of->id, false);
      }
    }
  }

  // Each failure counts once in a scan, however often the pass is repeated.
  void failed(const std::string& item, std::string_view what, const scanhost::outcome& outcome,
              tally& counts) {
    if (outcome.cancelled()) return counts.cancel();
    if (outcome.held_back()) return counts.add_skipped();
    if (state_.first_time(item)) counts.add_failure(item, what, outcome);
  }

  const ff::filter& filter_;
  std::string_view lane_;
  std::string index_;
  scan_state& state_;
};

}  // namespace

class dependency_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("dependency_reconciler", "resolves dependencies on executions that have ended",
                        std::chrono::seconds(15), 50, flow_family());
    add_options(me, {lanes_option()});
    add_options(me, filter_options());
    need_functions(me, {"ff_resolve_dependency"});
    return me;
  }

  explicit dependency_reconciler(scanhost::services host)
      : host_(host), filter_(host), lanes_(host.list("lanes")) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    scan_state state;
    co_await lanes_.refresh(scan, counts);
    std::vector<pass_state> passes;
    for (std::uint32_t i = 0; i < lanes_.size(); ++i) passes.push_back({i});
    do {
      state.skipped_a_child = false;
      std::vector<pass_state> done;
      for (auto& pass : passes)
        if (co_await sweep_lane(scan, pass, state, counts) == sweep_end::done) done.push_back(pass);
      passes = std::move(done);
    } while (state.skipped_a_child && !counts.cancelled());
    co_return counts.result();
  }

  // In the lanes that are known by now.
  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    const std::string id(item.name());
    scanhost::batch reads;
    for (std::uint32_t i = 0; i < lanes_.size(); ++i)
      reads.add("ZSCORE", index_of(scan, lanes_[i]), id).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    bool is_somewhere = false;
    for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
      if (answers[i].ok() && !answers[i].reply().is_text()) continue;
      is_somewhere = true;
      auto judged = unreadable("reading its entry", answers[i]);
      if (answers[i].ok()) judged = co_await explain_child(scan, id);
      judged.index = index_of(scan, lanes_[i]);
      if (answers[i].ok()) judged.score = score_of(answers[i].reply());
      item.add(judged);
    }
    if (is_somewhere) co_return;
    const auto state = co_await read_state(scan, id);
    item.add(scanhost::standing::not_here,
             joined("it is blocked by no dependency in the ", std::to_string(lanes_.size()),
                    " lanes that are swept; ", state));
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  static std::string index_of(const scan_context& scan, const std::string& lane) {
    return lane_key(scan.tag(), lane, "blocked:dependencies");
  }

  task<scanhost::finding> explain_child(scan_context& scan, const std::string& id) const {
    using scanhost::standing;
    if (!co_await filter_.accepts(scan, id))
      co_return found(standing::filtered, "the options `namespace` or `instance_tag` leave it out");
    scanhost::command read("SMEMBERS", execution_keys(scan.tag(), id).deps_unresolved());
    const auto unresolved = co_await scan.execute(std::move(read));
    if (!unresolved.front().ok()) co_return unreadable("reading its unresolved edges", unresolved.front());
    const auto edges_left = unresolved.front().reply();
    if (edges_left.empty())
      co_return found(standing::held,
                      "all its edges are resolved: it waits for what else its group asks for");
    scanhost::batch reads;
    const auto some = std::min(edges_left.size(), chunk_size);
    for (std::size_t i = 0; i < some; ++i)
      reads.add("HGET", execution_keys(scan.tag(), id).dep(edges_left[i].text()), "upstream_execution_id")
          .about(id);
    const auto records = co_await scan.execute(std::move(reads));
    std::vector<std::string> upstreams;
    for (std::size_t i = 0; i < some; ++i)
      if (!records[i].reply().text().empty()) upstreams.emplace_back(records[i].reply().text());
    upstream_outcomes outcomes;
    bool cancelled = false;
    const auto failures = co_await outcomes.load(scan, upstreams, cancelled);
    const auto ended = std::ranges::count_if(
        upstreams, [&](const std::string& upstream) { return outcomes.of(upstream).has_value(); });
    const auto size = std::to_string(edges_left.size());
    if (ended > 0)
      co_return found(standing::due, joined("the upstreams of ", std::to_string(ended), " of its ", size,
                                            " unresolved edges have ended: the next scan resolves them"));
    if (!failures.empty())
      co_return found(standing::unknown, joined("an upstream cannot be read: ", failures.begin()->second));
    co_return found(standing::held,
                    joined("none of the upstreams of its ", size, " unresolved edges has ended"));
  }

  task<sweep_end> sweep_lane(scan_context& scan, pass_state& pass, scan_state& state, tally& counts) {
    if (counts.cancelled()) co_return sweep_end::stopped;
    const auto& lane = lanes_[pass.number];
    const auto index = index_of(scan, lane);
    blocked_pages handler(filter_, lane, index, state);
    const due_rule everything{.unit = scanhost::score_unit::none};
    co_return co_await sweep_index(scan, pass, index, everything, memories_, handler, counts);
  }

  scanhost::services host_;
  ff::filter filter_;
  lanes lanes_;
  index_memories memories_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::dependency_reconciler)
