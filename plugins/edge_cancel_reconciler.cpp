// SPDX-License-Identifier: Apache-2.0
//
// edge_cancel_reconciler: finds fired groups that a dispatcher left between its cancels and its drain.
//
// Finds: members of `pending_cancel_groups`, the whole set.
// Does:  ff_reconcile_sibling_cancel_group, which completes the drain where every sibling has ended and
//        removes what is stale; removes malformed members.
// Leaves alone: groups of which a sibling still runs. It cancels nothing. Members that are not in canonical
//        form are the dispatcher's.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/family.hpp"
#include "common/keys.hpp"
#include "common/pending_groups.hpp"
#include "common/reply_class.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

constexpr std::string_view reconcile_function = "ff_reconcile_sibling_cancel_group";

}  // namespace

class edge_cancel_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("edge_cancel_reconciler", "completes the drain of fired groups that was interrupted",
                        std::chrono::seconds(10), 50, flow_family());
    add_options(me, ignored_filter_options());
    need_functions(me, {std::string(reconcile_function)});
    me.required_extensions.emplace_back(SCANHOST_EXT_METRICS);
    return me;
  }

  explicit edge_cancel_reconciler(scanhost::services host)
      : host_(host),
        stale_(action(host, "sremmed_stale")),
        completed_(action(host, "completed_drain")),
        no_op_(action(host, "no_op")) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    group_walk walk(scan, memory_, counts);
    while (co_await walk.next()) walk.note_acted_on(co_await reconcile(scan, walk.groups(), counts));
    co_return counts.result();
  }

  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    const auto group = co_await find_pending_group(scan, item);
    if (!group) co_return;
    item.add(scanhost::standing::due,
             "the group has fired: the next scan completes its drain if each of its siblings has ended",
             pending_groups_key(scan.tag()));
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_group(item, count);
  }

 private:
  static scanhost::metric action(const scanhost::services& host, std::string_view name) {
    return host.counter("sibling_cancel_reconcile_total", "Groups that were reconciled, by action.",
                        {{"action", name}});
  }

  // Yields how many of the groups were acted on.
  task<std::uint32_t> reconcile(scan_context& scan, const std::vector<pending_group>& groups,
                                tally& counts) const {
    scanhost::batch calls;
    for (const auto& group : groups) calls.add(pending_group_call(reconcile_function, scan.tag(), group));
    const auto answers = co_await scan.execute(std::move(calls));
    std::uint32_t acted_on = 0;
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (judge(groups[i], answers[i], counts)) ++acted_on;
    co_return acted_on;
  }

  // Whether something was changed.
  bool judge(const pending_group& group, const scanhost::outcome& call, tally& counts) const {
    if (call.ok()) return judge_reply(group, function_reply(call.reply()), counts);
    if (call.cancelled())
      counts.cancel();
    else if (call.held_back())
      counts.add_skipped();
    else
      counts.add_error(joined("group '", printable(group.member), "': reconciling it"), call);
    return false;
  }

  bool judge_reply(const pending_group& group, const function_reply& reply, tally& counts) const {
    const auto word = reply.accepted() ? reply.word() : std::string_view();
    if (word == "no_op") {
      no_op_.record(1);
      return false;
    }
    if (word != "sremmed_stale" && word != "completed_drain") {
      counts.add_error(
          joined("group '", printable(group.member), "': ", reply.complaint(reconcile_function)));
      return false;
    }
    (word == "sremmed_stale" ? stale_ : completed_).record(1);
    counts.add_processed();
    host_.log(scanhost::log_level::debug, joined("group '", printable(group.member), "': ", word));
    return true;
  }

  scanhost::services host_;
  scanhost::metric stale_;
  scanhost::metric completed_;
  scanhost::metric no_op_;
  group_memory memory_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::edge_cancel_reconciler)
