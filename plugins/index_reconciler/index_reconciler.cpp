// SPDX-License-Identifier: Apache-2.0
//
// index_reconciler: finds executions that are not in the index in which their state belongs, and reports
// them.
//
// Finds: members of `all_executions` without a core, or missing from the expected index of their lane. What a
//        first look found is looked at once more: executions that move between two reads are no finding.
// Does:  counts each as processed and logs a warning; warns once about a lane that is not among `lanes`. With
//        `repair` it also puts the entry right, if everything is still as it was read.
// Leaves alone: without `repair`, everything: it writes nothing.
#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/filter.hpp"
#include "common/keys.hpp"
#include "common/lanes.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "index_reconciler/index_repair.hpp"
#include "index_reconciler/placing.hpp"

namespace ff {

class index_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("index_reconciler", "reports executions that are missing from their index",
                        std::chrono::seconds(45), 100, flow_family());
    auto option = lanes_option();
    option.help = "the lanes that the other scanners sweep; a lane that is not among them is reported once";
    add_options(me, {std::move(option)});
    add_options(me, filter_options());
    add_options(
        me,
        {{.name = "repair",
          .type = scanhost::option_type::flag,
          .default_value = "false",
          .help = "put missing and wrong entries right instead of only reporting them"},
         {.name = "repairs_per_cycle",
          .type = scanhost::option_type::integer,
          .default_value = "100",
          .help = "with repair: how many repairs are tried in one cycle; the rest is reported, and waits",
          .minimum = 1,
          .maximum = 1'000'000},
         {.name = "walk_cycles",
          .type = scanhost::option_type::integer,
          .default_value = "1",
          .help =
              "how many cycles one walk over all executions is spread over; 1: each cycle sees all of them",
          .minimum = 1,
          .maximum = 10'000}});
    return me;
  }

  explicit index_reconciler(scanhost::services host)
      : host_(host),
        filter_(host),
        lanes_(host.list("lanes")),
        repairs_(host.flag("repair")),
        repair_(host, static_cast<std::uint64_t>(host.integer("repairs_per_cycle"))),
        walk_cycles_(static_cast<std::uint64_t>(host.integer("walk_cycles"))) {}

  scanhost::task<scanhost::result> begin_cycle(scanhost::cycle_context& /*cycle*/) override {
    repair_.begin_cycle();
    co_return scanhost::result{};
  }

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    tally counts(host_, scan);
    co_await lanes_.refresh(scan, counts);
    const auto index = index_key(scan.tag(), "all_executions");
    auto left = co_await share(scan, index, counts);
    set_walk walk(index, host_.page_size());
    if (spreads()) walk.go_to(place_in(scan));
    while (walk.walking() && left > 0 && !counts.cancelled()) {
      auto members = co_await walk.next(scan);
      left -= std::min<std::uint64_t>(left, members.size());
      if (!members.empty()) co_await check(scan, std::move(members), counts);
    }
    if (spreads()) place_in(scan) = walk.cursor();
    if (walk.ended() == set_walk::state::failed || walk.ended() == set_walk::state::malformed)
      counts.add_error(walk.message());
    co_return counts.result();
  }

  scanhost::task<void> explain(scanhost::scan_context& scan, scanhost::explanation& item) override {
    using scanhost::standing;
    const std::string id(item.name());
    const auto all_executions = index_key(scan.tag(), "all_executions");
    scanhost::batch reads;
    reads.add("SISMEMBER", all_executions, id).about(id);
    reads.add(hmget(execution_keys(scan.tag(), id).core(), placing_core::fields)).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok())
        co_return item.add(unreadable("reading the execution", answers[i], all_executions));
    const placing_core core(answers[1].reply());
    if (answers[0].reply().integer() == 0)
      co_return item.add(standing::not_here,
                         core.has_phase()
                             ? "it has a record, but is not among all executions, which are walked"
                             : "there is no such execution",
                         all_executions);
    if (!co_await filter_.accepts(scan, id))
      co_return item.add(standing::filtered, "the options `namespace` or `instance_tag` leave it out",
                         all_executions);
    if (!core.has_phase()) co_return item.add(misfit("it is listed, but has no core", all_executions));
    if (core.index().empty())
      co_return item.add(standing::in_order,
                         joined("it is ", printable(core.state()), ", which no index shows"), all_executions);
    co_await explain_place(scan, id, core, item);
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  scanhost::task<void> explain_place(scanhost::scan_context& scan, const std::string& id,
                                     const placing_core& core, scanhost::explanation& item) const {
    const auto index = lane_key(scan.tag(), core.lane(), core.index());
    scanhost::command read("ZSCORE", index, id);
    const auto answers = co_await scan.execute(std::move(read));
    const auto entry = answers.front();
    if (!entry.ok()) co_return item.add(unreadable("reading its entry", entry, index));
    if (!entry.reply().is_text())
      co_return item.add(
          misfit(joined("it is ", printable(core.state()), ", and not in the index of that"), index));
    const bool is_swept = lanes_.contains(core.lane());
    auto judged = found(is_swept ? scanhost::standing::in_order : scanhost::standing::held,
                        joined("it is ", printable(core.state()), ", and in the index of that",
                               is_swept ? "" : "; its lane is not among `lanes`, so nobody sweeps it"),
                        index);
    judged.score = ff::score_of(entry.reply());
    item.add(judged);
  }

  scanhost::finding misfit(const std::string& what, std::string index) const {
    return found(repairs_ ? scanhost::standing::due : scanhost::standing::held,
                 joined(what, repairs_ ? ": the next walk puts it right"
                                       : ": it is only reported, since `repair` is off"),
                 std::move(index));
  }

  struct suspect {
    misplaced of;
    std::string index;  // the key; empty: it has no core
  };

  bool spreads() const noexcept { return walk_cycles_ > 1; }

  // Where the walk over a partition goes on. Lost with the instance: then the walk begins anew.
  std::string& place_in(const scanhost::scan_context& scan) {
    if (places_.size() <= scan.index()) places_.resize(scan.index() + 1, "0");
    return places_[scan.index()];
  }

  // How many members this cycle has to see. A set whose size cannot be read is walked all the same, so that
  // its error is told in one way.
  scanhost::task<std::uint64_t> share(scanhost::scan_context& scan, const std::string& index, tally& counts) {
    if (!spreads()) co_return UINT64_MAX;
    scanhost::command query("SCARD", index);
    const auto answers = co_await scan.execute(std::move(query));
    const auto size = answers.front();
    if (size.cancelled()) counts.cancel();
    if (!size.ok()) co_return UINT64_MAX;
    const auto members = static_cast<std::uint64_t>(size.reply().integer());
    co_return std::max<std::uint64_t>(1, (members + walk_cycles_ - 1) / walk_cycles_);
  }

  scanhost::task<void> check(scanhost::scan_context& scan, std::vector<std::string> members, tally& counts) {
    members = co_await pass(scan, std::move(members), counts);
    if (counts.cancelled()) co_return;
    std::vector<suspect> looked_up;
    std::vector<suspect> suspects;
    co_await read_cores(scan, std::move(members), looked_up, suspects, counts);
    if (!counts.cancelled()) co_await look_up(scan, std::move(looked_up), suspects, counts);
    if (!counts.cancelled()) co_await look_again(scan, std::move(suspects), counts);
  }

  scanhost::task<std::vector<std::string>> pass(scanhost::scan_context& scan,
                                                std::vector<std::string> members, tally& counts) {
    if (filter_.accepts_all()) co_return members;
    std::vector<filter_subject> subjects;
    subjects.reserve(members.size());
    for (const auto& id : members) subjects.push_back({std::string(scan.tag()), id});
    bool cancelled = false;
    const auto passing = co_await filter_.select(scan, std::move(subjects), cancelled);
    if (cancelled) counts.cancel();
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (passing[i])
        kept.push_back(std::move(members[i]));
      else
        counts.add_skipped();
    }
    co_return kept;
  }

  scanhost::task<void> read_cores(scanhost::scan_context& scan, std::vector<std::string> members,
                                  std::vector<suspect>& looked_up, std::vector<suspect>& suspects,
                                  tally& counts) {
    scanhost::batch reads;
    reads.reserve(members.size());
    for (const auto& id : members)
      reads
          .add("HMGET", execution_keys(scan.tag(), id).core(), "lifecycle_phase", "eligibility_state",
               "ownership_state", "lane_id")
          .about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    looked_up.reserve(members.size());
    for (std::size_t i = 0; i < members.size(); ++i)
      expect(scan.tag(), std::move(members[i]), answers[i], looked_up, suspects, counts);
  }

  void expect(std::string_view tag, std::string id, const scanhost::outcome& answer,
              std::vector<suspect>& looked_up, std::vector<suspect>& suspects, tally& counts) {
    if (answer.cancelled()) return counts.cancel();
    if (!answer.ok())
      return counts.add_error(joined("execution '", printable(id), "': reading its core"), answer);
    placing_core core;
    for (const auto field :
         {placing_core::phase, placing_core::eligibility, placing_core::ownership, placing_core::lane_id})
      core.values[field] = answer[field].optional_text();
    if (!core.has_phase()) return suspects.push_back({{std::move(id), std::move(core)}, {}});
    warn_of_lane(core.lane());
    const auto index = core.index();
    if (index.empty()) return;
    auto key = lane_key(tag, core.lane(), index);
    looked_up.push_back({{std::move(id), std::move(core)}, std::move(key)});
  }

  scanhost::task<void> look_up(scanhost::scan_context& scan, std::vector<suspect> looked_up,
                               std::vector<suspect>& suspects, tally& counts) {
    scanhost::batch reads;
    reads.reserve(looked_up.size());
    for (const auto& doubt : looked_up) reads.add("ZSCORE", doubt.index, doubt.of.id).about(doubt.of.id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < looked_up.size(); ++i)
      if (does_not_fit(looked_up[i], answers[i], counts)) suspects.push_back(std::move(looked_up[i]));
  }

  // Whether the answer of its index, or of `all_executions` where it has no core, speaks against it.
  static bool does_not_fit(const suspect& doubt, const scanhost::outcome& entry, tally& counts) {
    if (entry.cancelled())
      counts.cancel();
    else if (!entry.ok())
      counts.add_error(joined("execution '", printable(doubt.of.id), "': reading its index"), entry);
    if (!entry.ok()) return false;
    return doubt.index.empty() ? entry.reply().integer() == 1 : entry.reply().is_nil();
  }

  // A record and an index are read one after the other, and an execution may have moved in between. So what
  // does not fit is read once more: only what is still the same, and still does not fit, has been found.
  scanhost::task<void> look_again(scanhost::scan_context& scan, std::vector<suspect> suspects,
                                  tally& counts) {
    scanhost::batch reads;
    reads.reserve(2 * suspects.size());
    for (const auto& doubt : suspects) {
      const auto& id = doubt.of.id;
      reads.add(hmget(execution_keys(scan.tag(), id).core(), placing_core::fields)).about(id);
      if (doubt.index.empty())
        reads.add("SISMEMBER", index_key(scan.tag(), "all_executions"), id).about(id);
      else
        reads.add("ZSCORE", doubt.index, id).about(id);
    }
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<misplaced> found;
    for (std::size_t i = 0; i < suspects.size(); ++i)
      if (still_misplaced(suspects[i], answers[2 * i], answers[2 * i + 1], counts))
        found.push_back(std::move(suspects[i].of));
    if (counts.cancelled()) co_return;
    if (repairs_)
      co_await repair_.repair(scan, std::move(found), counts);
    else
      for (const auto& misfit : found) report(misfit, counts);
  }

  bool still_misplaced(suspect& doubt, const scanhost::outcome& core, const scanhost::outcome& entry,
                       tally& counts) const {
    if (core.cancelled())
      counts.cancel();
    else if (!core.ok())
      counts.add_error(joined("execution '", printable(doubt.of.id), "': reading its core again"), core);
    if (!core.ok()) return false;
    placing_core now(core.reply());
    if (!does_not_fit(doubt, entry, counts)) return false;
    const auto& before = doubt.of.core;
    if (now.has_phase() != before.has_phase() || now.index() != before.index() || now.lane() != before.lane())
      return false;
    doubt.of.core = std::move(now);
    doubt.of.what = doubt.index.empty()
                        ? joined("execution '", printable(doubt.of.id), "' has no core")
                        : joined("execution '", printable(doubt.of.id), "' (", doubt.of.core.state(),
                                 ") is not in ", printable(doubt.index));
    return true;
  }

  void report(const misplaced& misfit, tally& counts) const {
    counts.add_processed(false);
    host_.log(scanhost::log_level::warn, misfit.what);
  }

  void warn_of_lane(std::string_view lane) {
    constexpr std::size_t max_remembered = 1000;
    if (lanes_.contains(lane)) return;
    if (warned_of_.size() >= max_remembered || !warned_of_.emplace(lane).second) return;
    host_.log(
        scanhost::log_level::warn,
        joined(
            "lane '", printable(lane),
            "' is not among the configured lanes: nobody promotes, unblocks or trims its executions; add it to `lanes` if it should be swept"));
  }

  scanhost::services host_;
  ff::filter filter_;
  lanes lanes_;
  bool repairs_;
  index_repair repair_;
  std::uint64_t walk_cycles_;
  std::vector<std::string> places_;
  std::unordered_set<std::string> warned_of_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::index_reconciler)
