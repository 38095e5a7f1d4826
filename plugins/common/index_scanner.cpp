// SPDX-License-Identifier: Apache-2.0
#include "common/index_scanner.hpp"

#include <cstdint>
#include <cstdlib>

#include "common/explained.hpp"
#include "common/keys.hpp"

namespace ff {

using scanhost::scan_context;
using scanhost::task;
using step = decision::step;

decision call(scanhost::command action) { return {step::call, std::move(action)}; }
decision remove_entry(scanhost::command action) { return {step::remove, std::move(action)}; }
decision fail(std::string_view what, const scanhost::outcome& outcome) {
  return {step::fail, scanhost::command(""), joined(what, ": ", printable(outcome.message()))};
}

still still_due(const scanhost::reply& score, scanhost::timestamp now) {
  if (!score.is_text()) return still::gone;
  const double due = std::strtod(std::string(score.text()).c_str(), nullptr);
  return due <= static_cast<double>(scanhost::to_ms(now)) ? still::due : still::later;
}

// Hands the pages of one index to the scanner.
class index_scanner::sweep : public page_handler {
 public:
  sweep(const index_scanner& scanner, const site& at) : scanner_(scanner), at_(at) {}
  task<void> handle(scan_context& scan, page& offered, const index_walk& walk, page_gate& gate,
                    tally& counts) override {
    return scanner_.handle(scan, at_, offered, walk, gate, counts);
  }

 private:
  const index_scanner& scanner_;
  const site& at_;
};

index_scanner::index_scanner(scanhost::services host, ff::filter filter)
    : host_(host), filter_(std::move(filter)) {}

index_scanner::index_scanner(scanhost::services host, ff::filter filter,
                             const std::vector<std::string>& lane_names, std::size_t kinds, bool scored)
    : host_(host), filter_(std::move(filter)), lanes_(lane_names), kinds_(kinds), scored_(scored) {}

index_name index_scanner::index_at(std::size_t number) const {
  if (!lanes_) return {};
  return {(*lanes_)[number / kinds_], number % kinds_};
}

task<scanhost::result> index_scanner::scan(scan_context& scan) {
  tally counts(host_, scan);
  begin_scan(scan);
  if (lanes_) co_await lanes_->refresh(scan, counts);
  // Twice the interval: what comes due later is seen by the next cycle in time.
  const due_rule rule{.unit = scored_ ? scanhost::score_unit::unix_ms : scanhost::score_unit::none,
                      .ahead = 2 * host_.interval()};
  for (std::uint32_t i = 0; i < index_count() && !counts.cancelled(); ++i) {
    const auto index = index_at(i);
    const site at{scan.index(), scan.tag(), index.lane, index.kind, key(scan.tag(), index)};
    sweep handler(*this, at);
    pass_state pass{i};
    co_await sweep_index(scan, pass, at.key, rule, memories_, handler, counts);
  }
  co_return counts.result();
}

task<void> index_scanner::handle(scan_context& scan, const site& at, page& offered, const index_walk& walk,
                                 page_gate& gate, tally& counts) const {
  page_items items;
  items.reserve(offered.candidates.size());
  for (auto& candidate : offered.candidates) {
    auto& item = items.emplace_back(candidate);
    const bool acted_on = walk.acted_on(candidate.id);
    if (!acted_on && !counts.should_skip(candidate.id)) continue;
    item.next.what = acted_on ? step::leave : step::skip;
    item.open = false;
    if (!acted_on) counts.note_waiting(candidate.due);  // in back-off, but due
  }
  co_await screen(scan, at, items, counts);
  if (!counts.cancelled()) co_await read_and_decide(scan, at, items, counts);
  if (counts.cancelled() || !gate.in_time(scan.now() - offered.read_at)) co_return;

  auto chosen = choose(items, offered.allowance, counts);
  if (!chosen.empty()) co_await act(scan, at, std::move(chosen), counts);
}

std::vector<page_item*> index_scanner::choose(page_items& items, std::uint32_t allowance, tally& counts) {
  std::vector<page_item*> chosen;
  std::uint32_t calls = 0;
  for (auto& item : items) {
    const auto what = item.next.what;
    if (what == step::call && calls++ == allowance) break;
    item.of.entry = what == step::gone ? fate::left : fate::stays;
    if (what == step::call || what == step::remove)
      chosen.push_back(&item);
    else
      count_unacted(item, counts);
  }
  return chosen;
}

void index_scanner::count_unacted(const page_item& item, tally& counts) {
  switch (item.next.what) {
    case step::pass_over:
      return counts.add_handled(item.of.id, false);
    case step::skip:
      return counts.add_skipped();
    case step::fail:
      counts.add_failure(item.of.id, item.next.reason);
      return counts.note_waiting(item.of.due);
    case step::call:
    case step::remove:
    case step::leave:
    case step::gone:
      return;
  }
}

task<void> index_scanner::screen(scan_context& scan, const site& at, page_items& items, tally& counts) const {
  if (filter_.accepts_all()) co_return;
  std::vector<filter_subject> subjects;
  for (const auto& item : items)
    if (item.open) subjects.push_back({std::string(at.tag), item.of.id});
  bool cancelled = false;
  const auto passing = co_await filter_.select(scan, std::move(subjects), cancelled);
  if (cancelled) counts.cancel();
  std::size_t next = 0;
  for (auto& item : items) {
    if (!item.open || passing[next++]) continue;
    item.next.what = step::skip;
    item.open = false;
  }
}

task<void> index_scanner::read_and_decide(scan_context& scan, const site& at, page_items& items,
                                          tally& counts) const {
  scanhost::batch reads;
  for (const auto& item : items)
    if (item.open) add_reads(reads, at, item.of);
  const auto answers = co_await scan.execute(std::move(reads));
  std::size_t first = 0;
  for (auto& item : items) {
    if (!item.open) continue;
    for (std::size_t i = 0; i < read_count(); ++i)
      if (answers[first + i].cancelled()) counts.cancel();
    item.next = decide(at, item.of, read_answers(answers, first), scan.now());
    item.open = false;
    first += read_count();
  }
}

task<void> index_scanner::act(scan_context& scan, const site& at, std::vector<page_item*> chosen,
                              tally& counts) const {
  scanhost::batch actions;
  actions.reserve(chosen.size());
  for (auto* item : chosen) actions.add(std::move(item->next.action.acts(item->of.id, item->of.due)));
  const auto answers = co_await scan.execute(std::move(actions));
  scanhost::batch removals;
  std::vector<page_item*> removed;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    settle(*chosen[i], at, answers[i], removals, removed, counts);
  if (removed.empty()) co_return;

  const auto after = co_await scan.execute(std::move(removals));
  scanhost::batch none;
  std::vector<page_item*> nothing;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    removed[i]->next.what = step::remove;
    settle(*removed[i], at, after[i], none, nothing, counts);
  }
}

void index_scanner::settle(page_item& item, const site& at, const scanhost::outcome& outcome,
                           scanhost::batch& removals, std::vector<page_item*>& removed, tally& counts) const {
  auto& candidate = item.of;
  const bool called = item.next.what == step::call;
  candidate.acted_on = candidate.acted_on || called;
  if (outcome.cancelled()) return counts.cancel();
  if (outcome.held_back()) return counts.add_skipped();
  if (!outcome.ok()) {
    candidate.failed = true;
    counts.note_waiting(candidate.due);
    return counts.add_failure(candidate.id,
                              called ? joined("calling ", function()) : "removing its stale entry", outcome);
  }
  if (!called) {
    if (outcome.reply().integer() != 1) return;  // it changed meanwhile: the next cycle sees it as it is then
    candidate.entry = fate::left;
    return counts.add_handled(candidate.id, false);
  }
  const function_reply reply(outcome.reply());
  if (auto removal = removal_after(at, candidate, reply)) {
    removals.add(std::move(removal->acts(candidate.id, candidate.due)));
    removed.push_back(&item);
    return;
  }
  const auto verdict = judge(reply);
  if (verdict.error) {
    candidate.failed = true;
    counts.note_waiting(candidate.due);
    return counts.add_failure(candidate.id, reply.complaint(function()));
  }
  candidate.progressed = verdict.changed;
  if (!verdict.entry_stays) candidate.entry = fate::left;
  counts.add_handled(candidate.id, verdict.changed);
}

// --- explanations ---------------------------------------------------------------------------------------

namespace {

scanhost::finding not_here(std::size_t indexes, std::string first_index, const std::string& state) {
  auto where = indexes == 1 ? std::string("it is not in the index")
                            : joined("it is in none of the ", std::to_string(indexes), " indexes");
  if (!state.empty()) where += joined("; ", state);
  return {.where = scanhost::standing::not_here,
          .reason = std::move(where),
          .index = indexes == 1 ? std::move(first_index) : std::string()};
}

}  // namespace

std::optional<std::uint32_t> index_scanner::find_partition(std::string_view item, std::uint32_t count) const {
  return partition_of_item(item, count);
}

std::string index_scanner::why_not(const site&, decision::step what) const {
  return what == step::pass_over ? "it was handled before, and a call would change nothing"
                                 : "its record says that it is not to be acted on";
}

// In the lanes that are known by now: what is read once for a cycle is left to the cycle's scans.
task<void> index_scanner::explain(scan_context& scan, scanhost::explanation& item) {
  const auto partition = begin_explanation(scan);
  const std::string id(item.name());
  std::vector<site> sites;
  scanhost::batch reads;
  for (std::size_t i = 0; i < index_count(); ++i) {
    const auto index = index_at(i);
    sites.push_back({partition, scan.tag(), index.lane, index.kind, key(scan.tag(), index), true});
    reads.add("ZSCORE", sites.back().key, id).about(id);
  }
  const auto entries = co_await scan.execute(std::move(reads));
  bool is_somewhere = false;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (entries[i].ok() && !entries[i].reply().is_text()) continue;
    is_somewhere = true;
    const auto entry = entries[i];
    const auto judged = co_await explain_entry(scan, sites[i], id, entry);
    item.add(judged);
  }
  if (is_somewhere) co_return;
  std::string state;
  if (sweeps_executions()) state = co_await read_state(scan, id);
  item.add(not_here(sites.size(), sites.front().key, state));
}

// An entry that is not due is not judged: its record may change until then.
task<scanhost::finding> index_scanner::explain_entry(scan_context& scan, const site& at,
                                                     const std::string& id, const scanhost::outcome& entry) {
  if (!entry.ok()) co_return unreadable("reading its entry", entry, at.key);
  scanhost::finding found{.index = at.key, .score = score_of(entry.reply())};
  candidate offered{.id = id, .score = std::string(entry.reply().text()), .due = {}};
  if (scored_ && found.score) found.due = offered.due = due_at(*found.score);
  if (found.due && *found.due > scan.now()) {
    found.where = scanhost::standing::waiting;
    found.reason = "its time has not come";
    co_return found;
  }
  tally counts(host_, scan);
  page_items items;
  items.emplace_back(offered);
  co_await screen(scan, at, items, counts);
  if (!counts.cancelled()) co_await read_and_decide(scan, at, items, counts);
  const auto judged = finding_of(at, items.front().next);
  found.where = counts.cancelled() ? scanhost::standing::unknown : judged.where;
  found.reason = counts.cancelled() ? "the host ended the explanation" : judged.reason;
  co_return found;
}

scanhost::finding index_scanner::finding_of(const site& at, const decision& next) const {
  using scanhost::standing;
  switch (next.what) {
    case step::call:
      return {.where = standing::due, .reason = joined("it is due: the next scan calls ", function())};
    case step::remove:
      return {.where = standing::due,
              .reason = "its record is gone or does not belong here: the next scan removes the entry"};
    case step::pass_over:
      return {.where = standing::in_order, .reason = why_not(at, next.what)};
    case step::leave:
      return {.where = standing::held, .reason = next.reason.empty() ? why_not(at, next.what) : next.reason};
    case step::gone:
      return {.where = standing::not_here, .reason = "it has left the index just now"};
    case step::skip:
      return {.where = standing::filtered,
              .reason = "the options `namespace` or `instance_tag` leave it out, or cannot be read of it"};
    case step::fail:
      break;
  }
  const bool other_type = next.reason.find("WRONGTYPE") != std::string::npos;
  return {.where = other_type ? standing::malformed : standing::unknown, .reason = next.reason};
}

}  // namespace ff
