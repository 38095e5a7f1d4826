// SPDX-License-Identifier: Apache-2.0
//
// cancel_reconciler: finds cancelled flows whose members are still to be cancelled, and cancels them.
//
// Finds: entries of `cancel_backlog` whose grace is over; of each flow up to 500 owed members at a time.
// Does:  ff_cancel_execution in the member's own partition, then ff_ack_cancel_member; removes what is
//        malformed, what lost its flow record, and what owes nothing.
// Leaves alone: members that another filter owns, those in back-off, and those whose cancel failed for a
//        passing reason: they stay owed. The backlog is sampled after each full scan.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cancel_reconciler/owed_members.hpp"
#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/filter.hpp"
#include "common/guarded_write.hpp"
#include "common/ids.hpp"
#include "common/index_sweep.hpp"
#include "common/keys.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

constexpr std::int64_t max_sample_size = 500;
// Owed members that are read at once: it bounds the memory of a scan.
constexpr std::int64_t max_chunk_size = 200;

std::int64_t limited(std::int64_t max, const page_gate& gate) {
  return std::min(max, static_cast<std::int64_t>(gate.limit()));
}

// A flow of the page, with what was read of it.
struct flow_item {
  candidate* of;
  std::optional<flow_keys> keys;
};

// A flow that owes something, and its sample of members.
struct owing {
  candidate* of;
  owing_flow flow;
  bool may_owe_more = false;  // the sample was full
};

// One page of the backlog.
class backlog_pages : public page_handler {
 public:
  backlog_pages(const ff::filter& filter, std::string backlog)
      : filter_(filter), backlog_(std::move(backlog)) {}

  task<void> handle(scan_context& scan, page& offered, const index_walk& walk, page_gate& gate,
                    tally& counts) override {
    if (again_ && offered.allowance < counts.host().page_size()) {
      // Not in drain mode: a flow has one sample a cycle.
      for (auto& candidate : offered.candidates) candidate.entry = fate::stays;
      co_return;
    }
    const auto flows = parsed(scan.tag(), offered);
    const auto answers = co_await read(scan, flows);
    std::vector<owing> group;
    std::uint32_t acted_on = 0;
    std::int64_t owed = 0;
    for (std::size_t i = 0; i < flows.size() && !counts.cancelled(); ++i) {
      if (flows[i].keys && walk.acted_on(flows[i].of->id)) {
        flows[i].of->entry = fate::stays;
        continue;
      }
      if (acted_on + group.size() == offered.allowance) {
        acted_on += co_await settle(scan, std::exchange(group, {}), gate, counts);
        owed = 0;
        if (acted_on == offered.allowance) break;  // it and all behind it come with the next page
      }
      const auto size = owes(flows[i], answers, 3 * i, counts);
      if (flows[i].of->acted_on) ++acted_on;  // its entry is removed
      if (size == 0) continue;
      group.push_back({flows[i].of, described_flow(flows[i], answers[3 * i + 2])});
      owed += std::min<std::int64_t>(size, limited(max_sample_size, gate));
      if (owed < limited(max_chunk_size, gate)) continue;
      acted_on += co_await settle(scan, std::exchange(group, {}), gate, counts);
      owed = 0;
    }
    if (!counts.cancelled()) co_await settle(scan, std::move(group), gate, counts);
  }

  // A whole sample of some flow was cancelled, and it may owe more: worth another walk. Asked once.
  bool take_more() noexcept { return again_ = std::exchange(more_, false); }

 private:
  static std::vector<flow_item> parsed(std::string_view tag, page& offered) {
    std::vector<flow_item> flows;
    flows.reserve(offered.candidates.size());
    for (auto& candidate : offered.candidates) {
      auto& flow = flows.emplace_back(flow_item{&candidate, std::nullopt});
      if (const auto id = parse_uuid(candidate.id)) flow.keys.emplace(tag, canonical(*id));
    }
    return flows;
  }

  // Three reads for each flow; for a malformed one they ask for nothing that exists.
  static task<scanhost::replies> read(scan_context& scan, const std::vector<flow_item>& flows) {
    scanhost::batch reads;
    reads.reserve(3 * flows.size());
    for (const auto& flow : flows) {
      const auto keys = flow.keys.value_or(flow_keys(scan.tag(), ""));
      reads.add("EXISTS", keys.core()).about(flow.of->id);
      reads.add("SCARD", keys.pending_cancels()).about(flow.of->id);
      reads.add("HGET", keys.core(), "cancel_reason").about(flow.of->id);
    }
    co_return co_await scan.execute(std::move(reads));
  }

  // How many members a flow owes that can be cancelled now; 0: it is dealt with, or an error.
  std::int64_t owes(const flow_item& flow, const scanhost::replies& answers, std::size_t first,
                    tally& counts) {
    auto& candidate = *flow.of;
    candidate.entry = fate::stays;
    if (!flow.keys) {
      counts.add_error(joined("flow id '", printable(candidate.id), "' is not a UUID: its entry is removed"));
      scanhost::command removal("ZREM", backlog_, candidate.id);
      return clean(candidate, std::move(removal));
    }
    const auto exists = answers[first];
    if (!exists.ok()) return failed(candidate, "reading the flow", exists, counts);
    if (exists.reply().integer() == 0) {
      const std::array keys = {flow.keys->core(), flow.keys->pending_cancels(), backlog_};
      return clean(candidate, guarded_write(counts.host(), drop_what_lost_its_record, keys, candidate.id));
    }
    const auto size = answers[first + 1];
    if (!size.ok()) return failed(candidate, "reading what the flow owes", size, counts);
    if (size.reply().integer() == 0) {
      const std::array keys = {flow.keys->pending_cancels(), backlog_};
      return clean(candidate, guarded_write(counts.host(), remove_entry_without_record, keys, candidate.id));
    }
    const auto reason = answers[first + 2];
    return reason.ok() ? size.reply().integer()
                       : failed(candidate, "reading the cancel's reason", reason, counts);
  }

  std::int64_t clean(candidate& candidate, scanhost::command write) {
    cleanup_.add(std::move(write.acts(candidate.id, candidate.due)));
    candidate.entry = fate::left;
    candidate.acted_on = true;
    return 0;
  }

  static std::int64_t failed(const candidate& candidate, std::string_view what,
                             const scanhost::outcome& outcome, tally& counts) {
    if (outcome.cancelled()) {
      counts.cancel();
      return 0;
    }
    counts.note_waiting(candidate.due);
    counts.add_error(joined("flow '", printable(candidate.id), "': ", what), outcome);
    return 0;
  }

  static owing_flow described_flow(const flow_item& flow, const scanhost::outcome& reason) {
    return {flow.of->id, flow.keys->pending_cancels(),
            std::string(reason.reply().optional_text().value_or("flow_cancelled")), flow.of->due};
  }

  // Samples the flows' members, and cancels those that are this scanner's. Yields how many flows were
  // acted on. What the page has to clean up leaves with the sample.
  task<std::uint32_t> settle(scan_context& scan, std::vector<owing> group, page_gate& gate, tally& counts) {
    const auto sample_size = limited(max_sample_size, gate);
    scanhost::batch commands = std::exchange(cleanup_, {});
    const auto cleaned = commands.size();
    for (const auto& debtor : group)
      commands.add("SRANDMEMBER", debtor.flow.pending_cancels, sample_size).about(debtor.of->id);
    const auto answers = co_await scan.execute(std::move(commands));
    std::vector<owed_member> members;
    for (std::size_t i = 0; i < group.size(); ++i)
      collect(group[i], answers[cleaned + i], sample_size, members, counts);
    co_await select(scan, members, counts);
    if (!counts.cancelled()) co_await cancel_owed_members(scan, std::move(members), gate, counts);
    std::uint32_t acted_on = 0;
    for (auto& [of, flow, may_owe_more] : group) {
      of->acted_on = flow.called;
      of->progressed = flow.progressed;
      if (!flow.still_owes && !may_owe_more) of->entry = fate::left;
      if (!flow.still_owes && may_owe_more && flow.progressed) more_ = true;
      if (flow.called) ++acted_on;
    }
    co_return acted_on;
  }

  void collect(owing& from, const scanhost::outcome& sample, std::int64_t sample_size,
               std::vector<owed_member>& members, tally& counts) {
    auto& flow = from.flow;
    flow.still_owes = !sample.ok();
    from.may_owe_more = static_cast<std::int64_t>(sample.reply().size()) >= sample_size;
    if (!sample.ok()) failed(*from.of, "reading what the flow owes", sample, counts);
    for (std::size_t i = 0; i < sample.reply().size(); ++i) {
      const auto id = sample[i].text();
      const auto partition = execution_partition(id);
      if (!partition) {
        counts.add_error(joined("owed member '", printable(id), "' is not an execution id: it is removed"));
        cleanup_.add("SREM", flow.pending_cancels, id).acts(flow.member);
      } else if (counts.should_skip(id)) {
        flow.still_owes = true;
        counts.add_skipped();
        counts.note_waiting(flow.due);
      } else {
        members.push_back({&flow, std::string(id), flow_tag(*partition)});
      }
    }
  }

  // Keeps the members that the filter accepts, and removes malformed ones before anything is acknowledged:
  // the flow's entry goes with the last member that it owes.
  task<void> select(scan_context& scan, std::vector<owed_member>& members, tally& counts) {
    co_await scan.execute(std::exchange(cleanup_, {}));
    if (filter_.accepts_all()) co_return;
    std::vector<filter_subject> subjects;
    subjects.reserve(members.size());
    for (const auto& member : members) subjects.push_back({member.tag, member.id});
    bool cancelled = false;
    const auto passing = co_await filter_.select(scan, std::move(subjects), cancelled);
    if (cancelled) counts.cancel();
    std::vector<owed_member> kept;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (passing[i]) {
        kept.push_back(std::move(members[i]));
        continue;
      }
      members[i].flow->still_owes = true;
      counts.add_skipped();
    }
    members = std::move(kept);
  }

  const ff::filter& filter_;
  const std::string backlog_;
  scanhost::batch cleanup_;
  bool more_ = false;
  bool again_ = false;  // this is another walk of the same pass
};

}  // namespace

class cancel_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("cancel_reconciler", "cancels the members that cancelled flows still owe",
                        std::chrono::seconds(15), 50, flow_family());
    add_options(me, filter_options());
    need_functions(me, {"ff_cancel_execution", "ff_ack_cancel_member"});
    me.backlog_gauge = "ff_cancel_backlog_depth";
    return me;
  }

  explicit cancel_reconciler(scanhost::services host) : host_(host), filter_(host) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    const auto backlog = index_key(scan.tag(), "cancel_backlog");
    backlog_pages handler(filter_, backlog);
    const due_rule rule{.ahead = 2 * host_.interval()};
    pass_state pass;
    auto end = sweep_end::done;
    do {
      end = co_await sweep_index(scan, pass, backlog, rule, memories_, handler, counts);
    } while (end == sweep_end::done && handler.take_more() && !counts.cancelled());
    if (!scan.early() && !counts.cancelled()) {
      scanhost::command sample("ZCARD", backlog);
      const auto answers = co_await scan.execute(std::move(sample));
      const auto entries = answers.front().reply();
      if (entries.is_integer()) counts.set_backlog(static_cast<std::uint64_t>(entries.integer()));
    }
    co_return counts.result();
  }

  // An item is a flow, or an execution that a flow may owe a cancel.
  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    const std::string id(item.name());
    if (execution_partition(id)) {
      co_await explain_member(scan, id, item);
      co_return;
    }
    const std::string tag(scan.tag());
    const auto flow = canonical_or_as_found(id);
    const auto judged = co_await explain_flow(scan, tag, flow, id);
    item.add(judged);
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  // `entry`: as it may stand in the backlog.
  static task<scanhost::finding> explain_flow(scan_context& scan, const std::string& tag,
                                              const std::string& flow, const std::string& entry) {
    using scanhost::standing;
    const auto backlog = index_key(tag, "cancel_backlog");
    const flow_keys keys(tag, flow);
    scanhost::batch reads;
    reads.add("ZSCORE", backlog, entry).route(tag).about(entry);
    reads.add("EXISTS", keys.core()).route(tag).about(entry);
    reads.add("SCARD", keys.pending_cancels()).route(tag).about(entry);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return unreadable("reading what the flow owes", answers[i], backlog);
    auto judged = found(standing::due, {}, backlog);
    judged.score = score_of(answers[0].reply());
    if (judged.score) judged.due = due_at(*judged.score);
    const auto owed = answers[2].reply().integer();
    if (!answers[0].reply().is_text()) {
      judged.where = standing::not_here;
      judged.reason = "the flow is not among those that owe cancels";
    } else if (judged.due && *judged.due > scan.now(tag)) {
      judged.where = standing::waiting;
      judged.reason = joined("the flow owes ", std::to_string(owed), " cancels, and its grace is not over");
    } else if (answers[1].reply().integer() == 0 || owed == 0) {
      judged.reason = "the flow is gone or owes nothing: the next scan removes its entry";
    } else {
      judged.reason = joined("the flow owes ", std::to_string(owed), " cancels, which the next scan makes");
    }
    co_return judged;
  }

  task<void> explain_member(scan_context& scan, const std::string& id, scanhost::explanation& item) const {
    using scanhost::standing;
    scanhost::command read("HGET", execution_keys(scan.tag(), id).core(), "flow_id");
    const auto answers = co_await scan.execute(std::move(read));
    if (!answers.front().ok()) co_return item.add(unreadable("reading its core", answers.front()));
    const auto flow = parse_uuid(answers.front().reply().text());
    if (!flow) co_return item.add(standing::not_here, "the execution belongs to no flow");
    const auto name = canonical(*flow);
    const auto tag = flow_tag(partition_of(*flow, scan.partition_count()));
    const auto owed_set = flow_keys(tag, name).pending_cancels();
    scanhost::batch reads;
    reads.add("SISMEMBER", owed_set, id).route(tag).about(id);
    const auto members = co_await scan.execute(std::move(reads));
    if (!members[0].ok()) co_return item.add(unreadable("reading what its flow owes", members[0], owed_set));
    if (members[0].reply().integer() == 0)
      co_return item.add(standing::not_here, joined("its flow ", name, " owes it no cancel"), owed_set);
    if (!co_await filter_.accepts(scan, id))
      co_return item.add(standing::filtered, "the options `namespace` or `instance_tag` leave it out",
                         owed_set);
    auto judged = co_await explain_flow(scan, tag, name, name);
    judged.reason = joined("its flow ", name, " owes it a cancel; ", judged.reason);
    item.add(judged);
  }

  scanhost::services host_;
  ff::filter filter_;
  index_memories memories_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::cancel_reconciler)
