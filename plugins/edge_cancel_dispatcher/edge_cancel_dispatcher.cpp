// SPDX-License-Identifier: Apache-2.0
//
// edge_cancel_dispatcher: finds any-of and quorum groups that have fired, and cancels their siblings.
//
// Finds: members of `pending_cancel_groups`, the whole set; of each group the list of its siblings.
// Does:  ff_cancel_execution for each sibling, in the sibling's own partition; once all of them are settled,
//        ff_drain_sibling_cancel_group; removes members that are malformed or not in canonical form.
// Leaves alone: siblings in back-off, and groups with a sibling whose cancel failed for a passing reason:
//        the next cycle tries them again. Namespaces, instance tags and lanes do not matter here.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/keys.hpp"
#include "common/pending_groups.hpp"
#include "common/reply_class.hpp"
#include "edge_cancel_dispatcher/siblings.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

constexpr scanhost::milliseconds look_after_drain{25};
// With more at a time, what was read of a sibling would be old before its call reaches the server.
constexpr std::size_t siblings_of_all_scans = 600;
constexpr std::string_view drain_function = "ff_drain_sibling_cancel_group";

std::string named(const pending_group& group) { return joined("group '", printable(group.member), "': "); }

// The engine writes the moment only where a group was satisfied.
scanhost::timestamp moment(const scanhost::reply& field) {
  const auto ms = scanhost::parse_integer<std::int64_t>(field.text()).value_or(0);
  return scanhost::from_ms(std::max<std::int64_t>(ms, 0));
}

fired_group described_group(pending_group found, const scanhost::reply& fields) {
  const auto reason = fields[0].text();
  return {std::move(found), std::string(reason.empty() ? reason_satisfied : reason),
          std::string(fields[1].text()), moment(fields[2])};
}

}  // namespace

class edge_cancel_dispatcher : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("edge_cancel_dispatcher",
                        "cancels the siblings of any-of and quorum groups that have fired",
                        std::chrono::seconds(1), 50, flow_family());
    add_options(me, ignored_filter_options());
    add_options(
        me, {{.name = "look_every",
              .type = scanhost::option_type::duration,
              .default_value = "0ms",
              .help = "look for groups that have fired between cycles, too, so often; 0ms: only in cycles",
              .maximum = 60'000}});
    need_functions(me, {"ff_cancel_execution", std::string(drain_function)});
    me.required_extensions.emplace_back(SCANHOST_EXT_METRICS);
    return me;
  }

  explicit edge_cancel_dispatcher(scanhost::services host)
      : host_(host), look_every_(host.duration("look_every")), counters_(host) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    group_walk walk(scan, memory_, counts);
    while (co_await walk.next()) walk.note_acted_on(co_await dispatch(scan, walk, counts));
    note_next_look(scan, walk, counts);
    co_return counts.result();
  }

  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    using scanhost::standing;
    const auto group = co_await find_pending_group(scan, item);
    if (!group) co_return;
    const auto index = pending_groups_key(scan.tag());
    scanhost::command read("HMGET", group->key(scan.tag()), "cancel_siblings_reason",
                           "cancel_siblings_pending_members", "satisfied_at");
    const auto answers = co_await scan.execute(std::move(read));
    if (!answers.front().ok()) co_return item.add(unreadable("reading the group", answers.front(), index));
    auto judged =
        found(standing::due, "the group has fired: the next scan cancels its siblings and drains it", index);
    const auto fired = moment(answers.front()[2]);
    if (fired > scanhost::timestamp{}) judged.due = fired;
    item.add(judged);
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_group(item, count);
  }

 private:
  // Yields how many of the groups were acted on.
  task<std::uint32_t> dispatch(scan_context& scan, group_walk& walk, tally& counts) {
    auto groups = co_await read_groups(scan, walk, counts);
    if (!counts.cancelled()) co_await cancel_siblings(scan, groups, gate_, counters_, counts);
    if (!counts.cancelled()) co_await drain(scan, groups, counts);
    for (const auto& group : groups)
      if (!group.drained) walk.leave(group.found.member);
    co_return static_cast<std::uint32_t>(
        std::ranges::count_if(groups, [](const auto& group) { return group.acted_on; }));
  }

  // Groups that could not be read are left out.
  static task<std::vector<fired_group>> read_groups(scan_context& scan, group_walk& walk, tally& counts) {
    auto& page = walk.groups();
    scanhost::batch reads;
    reads.reserve(page.size());
    for (const auto& group : page)
      reads
          .add("HMGET", group.key(scan.tag()), "cancel_siblings_reason", "cancel_siblings_pending_members",
               "satisfied_at")
          .about(group.member);
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<fired_group> groups;
    groups.reserve(page.size());
    for (std::size_t i = 0; i < page.size(); ++i) {
      const auto fields = answers[i];
      if (fields.ok()) {
        groups.push_back(described_group(std::move(page[i]), fields.reply()));
        continue;
      }
      if (fields.cancelled()) {
        counts.cancel();
        break;
      }
      walk.leave(page[i].member);
      counts.add_error(joined(named(page[i]), "reading it"), fields);
    }
    co_return groups;
  }

  static task<void> drain(scan_context& scan, std::vector<fired_group>& groups, tally& counts) {
    scanhost::batch calls;
    std::vector<fired_group*> drained;
    for (auto& group : groups) {
      if (!group.settled) continue;
      calls.add(pending_group_call(drain_function, scan.tag(), group.found));
      drained.push_back(&group);
    }
    const auto answers = co_await scan.execute(std::move(calls));
    scanhost::batch removals;
    for (std::size_t i = 0; i < drained.size(); ++i)
      judge_drain(scan, *drained[i], answers[i], removals, counts);
    const auto removed = co_await scan.execute(std::move(removals));
    for (std::size_t i = 0; i < removed.size(); ++i) judge_removal(removed[i], counts);
  }

  // The function removes the canonical member: one of another form would be found in every cycle.
  static void judge_drain(const scan_context& scan, fired_group& group, const scanhost::outcome& call,
                          scanhost::batch& removals, tally& counts) {
    group.acted_on = true;
    if (call.cancelled()) return counts.cancel();
    if (call.held_back()) return counts.add_skipped();
    if (!call.ok()) {
      counts.note_waiting(group.fired);
      return counts.add_error(joined(named(group.found), "draining it"), call);
    }
    const function_reply reply(call.reply());
    group.drained = reply.accepted();
    const bool as_found = group.found.member != group.found.canonical_member();
    counts.add_processed(as_found || (reply.accepted() && reply.word() != "already_drained"));
    if (!reply.accepted())
      return counts.host().log(scanhost::log_level::warn,
                               joined(named(group.found), reply.complaint(drain_function)));
    if (as_found)
      removals.add("SREM", pending_groups_key(scan.tag()), group.found.member).acts(group.found.member);
    counts.host().log(scanhost::log_level::debug, joined(named(group.found), "its siblings are settled"));
  }

  static void judge_removal(const scanhost::outcome& removal, tally& counts) {
    if (removal.cancelled()) return counts.cancel();
    if (removal.held_back()) return counts.add_skipped();
    if (!removal.ok()) counts.add_error("removing a member that is not in canonical form", removal);
  }

  // A cancel ends an execution, which may fire further groups of the partition. Where much is left, looking
  // again would cost more than it finds.
  void note_next_look(const scan_context& scan, const group_walk& walk, tally& counts) const {
    if (walk.left() > host_.page_size()) return;
    if (look_every_.count() > 0) counts.note_next_due(scan.now() + look_every_);
    if (counts.result().processed > 0) counts.note_next_due(scan.now() + look_after_drain);
  }

  scanhost::services host_;
  scanhost::milliseconds look_every_;
  sibling_counters counters_;
  group_memory memory_;
  page_gate gate_{siblings_of_all_scans};
};

}  // namespace ff

SCANHOST_PLUGIN(ff::edge_cancel_dispatcher)
