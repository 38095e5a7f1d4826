// SPDX-License-Identifier: Apache-2.0
//
// index_reconciler: finds executions that are not in the index in which their state belongs, and reports
// them.
//
// Finds: members of `all_executions` without a core, or missing from the expected index of their lane.
// Does:  counts each as processed and logs a warning; warns once about a lane that is not among `lanes`.
// Leaves alone: everything. It writes nothing.
#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/expected_index.hpp"
#include "common/family.hpp"
#include "common/filter.hpp"
#include "common/keys.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"

namespace ff {

class index_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("index_reconciler", "reports executions that are missing from their index",
                        std::chrono::seconds(45), 100, flow_family());
    auto lanes = lanes_option();
    lanes.help = "the lanes that the other scanners sweep; a lane that is not among them is reported once";
    add_options(me, {std::move(lanes)});
    add_options(me, filter_options());
    return me;
  }

  explicit index_reconciler(scanhost::services host)
      : host_(host), filter_(host), lanes_(host.list("lanes")) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    tally counts(host_);
    set_walk walk(index_key(scan.tag(), "all_executions"), host_.page_size());
    while (walk.walking() && !counts.cancelled()) {
      auto members = co_await walk.next(scan);
      if (!members.empty()) co_await check(scan, std::move(members), counts);
    }
    if (walk.ended() == set_walk::state::failed || walk.ended() == set_walk::state::malformed)
      counts.error(walk.message());
    co_return counts.result();
  }

 private:
  struct expectation {
    std::string id;
    std::string index;
    std::string state;  // for the log line
  };

  scanhost::task<void> check(scanhost::scan_context& scan, std::vector<std::string> members, tally& counts) {
    members = co_await pass(scan, std::move(members), counts);
    if (counts.cancelled()) co_return;
    scanhost::batch reads;
    for (const auto& id : members)
      reads
          .add("HMGET", execution_keys(scan.tag(), id).core(), "lifecycle_phase", "eligibility_state",
               "ownership_state", "lane_id")
          .about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<expectation> expected;
    for (std::size_t i = 0; i < members.size(); ++i)
      expect(scan.tag(), std::move(members[i]), answers[i], expected, counts);
    if (!counts.cancelled()) co_await look_up(scan, std::move(expected), counts);
  }

  scanhost::task<std::vector<std::string>> pass(scanhost::scan_context& scan,
                                                std::vector<std::string> members, tally& counts) {
    if (filter_.accepts_all()) co_return members;
    std::vector<filter_subject> subjects;
    for (const auto& id : members) subjects.push_back({std::string(scan.tag()), id});
    bool cancelled = false;
    const auto passing = co_await filter_.select(scan, std::move(subjects), cancelled);
    if (cancelled) counts.cancel();
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (passing[i])
        kept.push_back(std::move(members[i]));
      else
        counts.skipped();
    }
    co_return kept;
  }

  void expect(std::string_view tag, std::string id, const scanhost::outcome& core,
              std::vector<expectation>& expected, tally& counts) {
    if (core.cancelled()) return counts.cancel();
    if (!core.ok()) return counts.error(joined("execution '", printable(id), "': reading its core"), core);
    if (core[0].is_nil()) return report(joined("execution '", printable(id), "' has no core"), counts);
    const auto lane = core[3].optional_text().value_or("default");
    warn_of_lane(lane);
    const auto index = expected_index(core[0].text(), core[1].text(), core[2].text());
    if (index.empty()) return;
    auto state =
        joined(printable(core[0].text()), ", ", printable(core[1].text()), ", ", printable(core[2].text()));
    expected.push_back({std::move(id), lane_key(tag, lane, index), std::move(state)});
  }

  scanhost::task<void> look_up(scanhost::scan_context& scan, std::vector<expectation> expected,
                               tally& counts) {
    scanhost::batch reads;
    for (const auto& one : expected) reads.add("ZSCORE", one.index, one.id).about(one.id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& [id, index, state] = expected[i];
      const auto score = answers[i];
      if (score.cancelled())
        counts.cancel();
      else if (!score.ok())
        counts.error(joined("execution '", printable(id), "': reading its index"), score);
      else if (score.reply().is_nil())
        report(joined("execution '", printable(id), "' (", state, ") is not in ", printable(index)), counts);
    }
  }

  void report(std::string what, tally& counts) {
    counts.processed(false);
    host_.log(scanhost::log_level::warn, what);
  }

  void warn_of_lane(std::string_view lane) {
    constexpr std::size_t most = 1000;  // lanes that are remembered
    if (std::find(lanes_.begin(), lanes_.end(), lane) != lanes_.end()) return;
    if (warned_of_.size() >= most || !warned_of_.emplace(lane).second) return;
    host_.log(scanhost::log_level::warn,
              joined("lane '", printable(lane),
                     "' is not among the configured lanes: nobody promotes, unblocks or "
                     "trims its executions; add it to `lanes` if it should be swept"));
  }

  scanhost::services host_;
  ff::filter filter_;
  std::vector<std::string> lanes_;
  std::unordered_set<std::string> warned_of_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::index_reconciler)
