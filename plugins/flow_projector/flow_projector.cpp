// SPDX-License-Identifier: Apache-2.0
//
// flow_projector: keeps a summary of each flow, counted over all of its members.
//
// Finds: members of `flow_index`; of each flow all members, in chunks.
// Does:  writes the flow's summary, every cycle; takes flows out of `flow_index` that are gone or whose
//        members have all ended (they come back with the next member). With `skip_unchanged` a summary is not
//        written where nothing but its time would change.
// Leaves alone: the flow's own record; flows without members; flows of which a member cannot be read: no
//        summary is better than a wrong one.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/guarded_write.hpp"
#include "common/ids.hpp"
#include "common/keys.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "common/whole_walk.hpp"
#include "flow_projector/flow_summary.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// Members of several flows that are read in one group of pipelines: it bounds the memory of a scan.
constexpr std::uint64_t group_members = 1000;
constexpr std::uint32_t member_page = 500;

// KEYS: a flow's members, `flow_index`. ARGV: the flow, how many members have ended. Removes it if it has no
// further member.
constexpr std::string_view remove_ended_flow = R"lua(
if redis.call('SCARD', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
redis.call('SREM', KEYS[2], ARGV[1])
return 1
)lua";

struct flow {
  std::string id;
  flow_keys keys;
  std::uint64_t members;
  set_walk walk;
  flow_summary summary = {};
  bool has_members = false;
  bool failed = false;
  bool unchanged = false;

  bool has_ended() const { return summary.all_ended() && summary.counted() == members; }
};

}  // namespace

class flow_projector : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("flow_projector", "keeps a summary of each flow over all of its members",
                        std::chrono::seconds(15), 100, flow_family());
    add_options(me, ignored_filter_options());
    add_options(me, {{.name = "skip_unchanged",
                      .type = scanhost::option_type::flag,
                      .default_value = "false",
                      .help = "write no summary of which nothing but the time would change"}});
    return me;
  }

  explicit flow_projector(scanhost::services host)
      : host_(host), skips_unchanged_(host.flag("skip_unchanged")) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    const auto index = index_key(scan.tag(), "flow_index");
    whole_walk walk(scan, counts, set_walk(index, host_.page_size()));
    for (auto ids = co_await walk.next(); !ids.empty(); ids = co_await walk.next())
      co_await project_page(scan, index, std::move(ids), counts);
    co_return counts.result();
  }

  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    const std::string id(item.name());
    const flow_keys keys(scan.tag(), id);
    const auto index = index_key(scan.tag(), "flow_index");
    scanhost::batch reads;
    reads.add("SISMEMBER", index, id).about(id);
    reads.add("EXISTS", keys.core()).about(id);
    reads.add("SCARD", keys.members()).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return item.add(unreadable("reading the flow", answers[i], index));
    auto judged = explained(answers[0].reply().integer() == 1, answers[1].reply().integer() == 1,
                            answers[2].reply().integer());
    judged.index = index;
    item.add(judged);
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  static scanhost::finding explained(bool is_listed, bool exists, std::int64_t members) {
    using scanhost::standing;
    if (!is_listed)
      return found(standing::not_here,
                   exists ? "the flow is not listed: its members have all ended" : "there is no such flow");
    if (!exists) return found(standing::due, "the flow is gone: the next cycle takes it out of the list");
    if (members == 0) return found(standing::held, "the flow has no members yet");
    return found(standing::due,
                 joined("each cycle writes its summary, from its ", std::to_string(members), " members"));
  }

  // Flows that are gone leave the index; the others are projected in groups.
  task<void> project_page(scan_context& scan, const std::string& index, std::vector<std::string> ids,
                          tally& counts) const {
    scanhost::batch removals;
    auto flows = co_await read_flows(scan, index, std::move(ids), removals, counts);
    co_await scan.execute(std::move(removals));
    std::vector<flow> group;
    std::uint64_t members = 0;
    for (auto& target_flow : flows) {
      members += std::min<std::uint64_t>(target_flow.members, member_page);
      group.push_back(std::move(target_flow));
      if (members < group_members) continue;
      if (counts.cancelled()) co_return;
      co_await project(scan, index, std::exchange(group, {}), counts);
      members = 0;
    }
    if (!counts.cancelled()) co_await project(scan, index, std::move(group), counts);
  }

  // Those that have members. Of those that are gone it adds the removal.
  task<std::vector<flow>> read_flows(scan_context& scan, const std::string& index,
                                     std::vector<std::string> ids, scanhost::batch& removals,
                                     tally& counts) const {
    scanhost::batch reads;
    reads.reserve(2 * ids.size());
    for (const auto& id : ids) {
      const flow_keys keys(scan.tag(), id);
      reads.add("EXISTS", keys.core()).about(id);
      reads.add("SCARD", keys.members()).about(id);
    }
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<flow> flows;
    for (std::size_t i = 0; i < ids.size() && !counts.cancelled(); ++i) {
      const auto exists = answers[2 * i];
      const auto size = answers[2 * i + 1];
      const flow_keys keys(scan.tag(), ids[i]);
      flow target_flow{ids[i], keys, static_cast<std::uint64_t>(size.reply().integer()),
                       set_walk(keys.members(), member_page)};
      if (!exists.ok()) {
        fail(target_flow, "reading its record", exists, counts);
      } else if (exists.reply().integer() == 0) {
        auto removal =
            guarded_write(host_, remove_member_without_record, std::array{keys.core(), index}, ids[i]);
        removals.add(std::move(removal.acts(ids[i])));
      } else if (!size.ok()) {
        fail(target_flow, "reading its members", size, counts);
      } else if (target_flow.members > 0) {
        flows.push_back(std::move(target_flow));
      }
    }
    co_return flows;
  }

  task<void> project(scan_context& scan, const std::string& index, std::vector<flow> group,
                     tally& counts) const {
    while (std::any_of(group.begin(), group.end(), &is_walking) && !counts.cancelled())
      co_await count_members(scan, group, counts);
    if (counts.cancelled()) co_return;
    std::vector<flow*> counted;
    for (auto& target_flow : group)
      if (!target_flow.failed && target_flow.has_members) counted.push_back(&target_flow);
    if (skips_unchanged_) co_await compare(scan, counted, counts);
    if (counts.cancelled()) co_return;
    scanhost::batch writes;
    for (const auto* target_flow : counted)
      if (!target_flow->failed && !target_flow->unchanged) writes.add(summary_of(*target_flow, scan.now()));
    const auto answers = co_await scan.execute(std::move(writes));
    scanhost::batch removals;
    std::size_t next = 0;
    for (auto* target_flow : counted) {
      if (target_flow->failed) continue;
      if (target_flow->unchanged)
        counts.add_processed(false);
      else if (!note_written(*target_flow, answers[next++], counts))
        continue;
      if (target_flow->has_ended()) removals.add(removal_of(*target_flow, index));
    }
    co_await scan.execute(std::move(removals));
  }

  static scanhost::command summary_of(const flow& target_flow) {
    scanhost::command read("HMGET", target_flow.keys.summary());
    for (const auto& [field, value] : fields_of(target_flow)) read.arg(field);
    read.about(target_flow.id);
    return read;
  }

  // Notes the flows whose summary says already what would be written.
  static task<void> compare(scan_context& scan, const std::vector<flow*>& counted, tally& counts) {
    scanhost::batch reads;
    for (const auto* target_flow : counted) reads.add(summary_of(*target_flow));
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < counted.size(); ++i) {
      auto& target_flow = *counted[i];
      const auto summary = answers[i];
      if (!summary.ok()) {
        fail(target_flow, "reading its summary", summary, counts);
        continue;
      }
      std::size_t next = 0;
      target_flow.unchanged = true;
      for (const auto& [field, value] : fields_of(target_flow))
        if (summary[next++].optional_text() != value) target_flow.unchanged = false;
    }
  }

  static bool is_walking(const flow& target_flow) {
    return !target_flow.failed && target_flow.walk.walking();
  }

  // Reads one page of members of each flow that has more of them.
  static task<void> count_members(scan_context& scan, std::vector<flow>& group, tally& counts) {
    std::vector<flow*> readers;
    auto reads = co_await list_members(scan, group, readers, counts);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < readers.size(); ++i) {
      const auto state = answers[i];
      if (state.ok())
        readers[i]->summary.count(state.reply().text());
      else
        fail(*readers[i], "reading a member's core", state, counts);
    }
    if (scan.cancelled()) counts.cancel();
  }

  // The reads of the members, and for each of them its flow.
  static task<scanhost::batch> list_members(scan_context& scan, std::vector<flow>& group,
                                            std::vector<flow*>& readers, tally& counts) {
    scanhost::batch queries;
    std::vector<flow*> walking;
    for (auto& target_flow : group) {
      if (!is_walking(target_flow)) continue;
      queries.add(target_flow.walk.query());
      walking.push_back(&target_flow);
    }
    const auto pages = co_await scan.execute(std::move(queries));
    scanhost::batch reads;
    for (std::size_t i = 0; i < walking.size(); ++i) {
      auto& target_flow = *walking[i];
      for (const auto& member : target_flow.walk.take(pages[i])) {
        target_flow.has_members = true;
        const auto partition = execution_partition(member);
        if (!partition) continue;
        const auto tag = flow_tag(*partition);
        reads.add("HGET", execution_keys(tag, member).core(), "public_state")
            .route(tag)
            .about(target_flow.id);
        readers.push_back(&target_flow);
      }
      note_walk(target_flow, counts);
    }
    co_return reads;
  }

  static void note_walk(flow& target_flow, tally& counts) {
    if (target_flow.walk.ended() == set_walk::state::cancelled) return counts.cancel();
    if (target_flow.walk.ended() != set_walk::state::failed &&
        target_flow.walk.ended() != set_walk::state::malformed)
      return;
    target_flow.failed = true;
    counts.add_error(joined("flow '", printable(target_flow.id), "': ", target_flow.walk.message()));
  }

  // The fields of its summary, but for the time, in the order in which they are written.
  static std::vector<std::pair<std::string, std::string>> fields_of(const flow& target_flow) {
    std::vector<std::pair<std::string, std::string>> fields = {
        {"total_members", std::to_string(target_flow.members)},
        {"sampled_members", std::to_string(target_flow.summary.counted())}};
    for (std::size_t i = 0; i < flow_summary::states.size(); ++i)
      fields.emplace_back(joined("members_", flow_summary::states[i]),
                          std::to_string(target_flow.summary.of(i)));
    fields.emplace_back("public_flow_state", target_flow.summary.flow_state());
    return fields;
  }

  static scanhost::command summary_of(const flow& target_flow, scanhost::timestamp now) {
    scanhost::command write("HSET", target_flow.keys.summary());
    for (const auto& [field, value] : fields_of(target_flow)) write.arg(field).arg(value);
    write.arg("last_summary_update_at").arg(scanhost::to_ms(now));
    return std::move(write.acts(target_flow.id));
  }

  static bool note_written(flow& target_flow, const scanhost::outcome& write, tally& counts) {
    if (write.held_back())
      counts.add_skipped();
    else if (!write.ok())
      fail(target_flow, "writing its summary", write, counts);
    else
      counts.add_processed();
    return write.ok();
  }

  scanhost::command removal_of(const flow& target_flow, const std::string& index) const {
    auto removal = guarded_write(host_, remove_ended_flow, std::array{target_flow.keys.members(), index},
                                 target_flow.id, target_flow.members);
    return std::move(removal.acts(target_flow.id));
  }

  // A flow fails once, whatever number of its members cannot be read.
  static void fail(flow& target_flow, std::string_view what, const scanhost::outcome& outcome,
                   tally& counts) {
    if (outcome.cancelled()) return counts.cancel();
    if (!target_flow.failed)
      counts.add_error(joined("flow '", printable(target_flow.id), "': ", what), outcome);
    target_flow.failed = true;
  }

  scanhost::services host_;
  bool skips_unchanged_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::flow_projector)
