// SPDX-License-Identifier: Apache-2.0
//
// quota_reconciler: finds quota policies whose window or counter has drifted, and corrects them.
//
// Finds: members of `quota_policies`.
// Does:  trims the window; drops admissions whose guard has expired; sets the concurrency counter to the
//        number of distinct admissions that still count, if it is still what was read before they were
//        counted, so that an admission in between is never lost.
//        With `prune` it also takes policies without a definition out of `quota_policies`.
// Leaves alone: policies whose admissions could not all be checked; without `prune`, policies without a
//        definition.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/explained.hpp"
#include "common/family.hpp"
#include "common/guarded_write.hpp"
#include "common/keys.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "common/window.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// Policies that are handled in one group of pipelines, those of them with many admissions that are walked at
// once, and admissions that one script drops.
constexpr std::size_t group_size = 50;
constexpr std::size_t long_walks = 5;
constexpr std::size_t drop_size = 100;

// KEYS: a policy's admitted set, then the guard of each member. ARGV: the members. Drops those whose guard
// does not exist.
constexpr std::string_view drop_expired = R"lua(
local dropped = 0
for i, member in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[i + 1]) == 0 then dropped = dropped + redis.call('SREM', KEYS[1], member) end
end
return dropped
)lua";

// KEYS: a counter. ARGV: 1 if it had a value, the value, the new one. Sets it if it is as it was.
constexpr std::string_view set_counter = R"lua(
local now = redis.call('GET', KEYS[1])
if (now ~= false) ~= (ARGV[1] == '1') or (now and now ~= ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3])
return 1
)lua";

struct policy {
  std::string id;
  quota_keys keys;
  std::uint64_t seconds = 0;  // of the window; 0: it is not trimmed
  bool capped = false;
  bool empty = false;  // its definition has no settings, or is gone
  bool worked = false;
  bool failed = false;  // nothing more is done with it
  std::optional<std::string> counter = {};
  std::string counter_failure = {};
  std::optional<set_walk> walk = {};  // over its admissions
  std::uint64_t live = 0;
  std::vector<std::string> expired = {};

  bool walking() const { return !failed && walk && walk->walking(); }
};

std::uint64_t setting(const scanhost::reply& field) {
  return scanhost::parse_integer<std::uint64_t>(field.text()).value_or(0);
}

}  // namespace

class quota_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("quota_reconciler", "trims quota windows and corrects concurrency counters",
                        std::chrono::seconds(30), 100, quota_family());
    add_options(me, ignored_filter_options());
    add_options(me, {{.name = "prune",
                      .type = scanhost::option_type::flag,
                      .default_value = "false",
                      .help = "take policies whose definition is gone out of quota_policies"}});
    return me;
  }

  explicit quota_reconciler(scanhost::services host) : host_(host), prunes_(host.flag("prune")) {}

  task<scanhost::result> scan(scan_context& scan) override {
    tally counts(host_, scan);
    scanhost::command query("SMEMBERS", index_key(scan.tag(), "quota_policies"));
    const auto answers = co_await scan.execute(std::move(query));
    const auto ids = answers.front();
    if (ids.cancelled()) co_return counts.result();
    if (!ids.ok()) counts.add_error("reading quota_policies", ids);
    co_await reconcile_all(scan, ids.reply(), counts);
    co_return counts.result();
  }

  task<void> explain(scan_context& scan, scanhost::explanation& item) override {
    using scanhost::standing;
    policy quota{std::string(item.name()), quota_keys(scan.tag(), item.name())};
    const auto index = index_key(scan.tag(), "quota_policies");
    scanhost::batch reads;
    reads.add("SISMEMBER", index, quota.id).about(quota.id);
    reads.add("HMGET", quota.keys.definition(), "requests_per_window_seconds", "active_concurrency_cap")
        .about(quota.id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return item.add(unreadable("reading the policy", answers[i], index));
    if (answers[0].reply().integer() == 0)
      co_return item.add(standing::not_here, "it is not among the policies that are looked after", index);
    quota.empty = answers[1][0].is_nil() && answers[1][1].is_nil();
    quota.seconds = setting(answers[1][0]);
    quota.capped = setting(answers[1][1]) > 0;
    if (quota.empty)
      co_return item.add(prunes_ ? standing::due : standing::held,
                         prunes_ ? "its definition is gone: the next cycle takes it out of the set"
                                 : "its definition is gone, and `prune` is off: it stays in the set",
                         index);
    co_await explain_limits(scan, quota, item);
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  // Its admissions are counted as in a cycle, which would cost too much here: those that are listed are
  // shown.
  task<void> explain_limits(scan_context& scan, const policy& quota, scanhost::explanation& item) const {
    using scanhost::standing;
    scanhost::batch reads;
    reads.add("ZCOUNT", quota.keys.window(), "-inf", scanhost::to_ms(window_start(scan.now(), quota.seconds)))
        .about(quota.id);
    reads.add("GET", quota.keys.concurrency()).about(quota.id);
    reads.add("SCARD", quota.keys.admitted_set()).about(quota.id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return item.add(unreadable("reading its counters", answers[i]));
    const auto over = answers[0].reply().integer();
    if (quota.seconds > 0)
      item.add(over > 0 ? standing::due : standing::in_order,
               over > 0
                   ? joined(std::to_string(over), " admissions have left its window: the next cycle trims it")
                   : "nothing is to be trimmed from its window",
               quota.keys.window());
    const auto counter = scanhost::parse_integer<std::int64_t>(answers[1].reply().text()).value_or(0);
    const auto listed = answers[2].reply().integer();
    if (quota.capped)
      item.add(counter == listed ? standing::in_order : standing::due,
               joined("its counter says ", std::to_string(counter), ", and ", std::to_string(listed),
                      " admissions are listed", counter == listed ? "" : ": the next cycle counts them anew"),
               quota.keys.concurrency());
    if (quota.seconds == 0 && !quota.capped)
      item.add(standing::in_order, "it has neither a window nor a cap", quota.keys.definition());
  }

  // All policies in every cycle, a group in each pass: of a pass the first turn is always granted.
  task<void> reconcile_all(scan_context& scan, scanhost::reply ids, tally& counts) {
    std::uint32_t groups = 0;
    for (std::size_t done = 0; done < ids.size() && !counts.cancelled() && !scan.cancelled();) {
      const auto turn = co_await scan.pass(groups++).next_page(0);
      if (!turn) co_return;
      const auto end = std::min<std::size_t>({ids.size(), done + group_size, done + turn.allowance});
      std::vector<policy> group;
      for (; done < end; ++done) {
        const auto id = ids[done].text();
        group.push_back({std::string(id), quota_keys(scan.tag(), id)});
      }
      co_await reconcile(scan, group, counts);
    }
  }

  task<void> reconcile(scan_context& scan, std::vector<policy>& group, tally& counts) const {
    co_await read_definitions(scan, group, counts);
    if (prunes_ && !counts.cancelled()) co_await prune(scan, group, counts);
    if (!counts.cancelled()) co_await trim_and_read(scan, group, counts);
    if (!counts.cancelled()) co_await count_admissions(scan, group, counts);
    if (!counts.cancelled()) co_await correct_counters(scan, group, counts);
    if (counts.cancelled()) co_return;
    for (const auto& quota : group)
      if (quota.worked && !quota.failed) counts.add_processed();
  }

  task<void> read_definitions(scan_context& scan, std::vector<policy>& group, tally& counts) const {
    scanhost::batch reads;
    for (const auto& quota : group)
      reads.add("HMGET", quota.keys.definition(), "requests_per_window_seconds", "active_concurrency_cap")
          .about(quota.id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto definition = answers[i];
      if (!definition.ok()) fail(group[i], "reading its definition", definition, counts);
      group[i].empty = definition.ok() && definition[0].is_nil() && definition[1].is_nil();
      group[i].seconds = setting(definition[0]);
      group[i].capped = setting(definition[1]) > 0;
    }
  }

  // Whether the definition is really gone, the write itself sees.
  task<void> prune(scan_context& scan, const std::vector<policy>& group, tally& counts) const {
    scanhost::batch writes;
    std::vector<const policy*> pruned;
    for (const auto& quota : group) {
      if (!quota.empty) continue;
      const std::array keys = {quota.keys.definition(), index_key(scan.tag(), "quota_policies")};
      auto write = guarded_write(host_, remove_member_without_record, keys, quota.id);
      writes.add(std::move(write.acts(quota.id)));
      pruned.push_back(&quota);
    }
    const auto answers = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < pruned.size(); ++i) note_pruned(*pruned[i], answers[i], counts);
  }

  void note_pruned(const policy& quota, const scanhost::outcome& write, tally& counts) const {
    if (write.cancelled()) return counts.cancel();
    if (write.held_back()) return counts.add_skipped();
    if (!write.ok()) return counts.add_error(joined(named(quota), "taking it out of quota_policies"), write);
    if (write.reply().integer() != 1) return;
    counts.add_processed(false);
    host_.log(scanhost::log_level::info,
              joined(named(quota), "its definition is gone: taken out of quota_policies"));
  }

  // The counter is read before the admissions are counted: whoever is admitted later changes it.
  task<void> trim_and_read(scan_context& scan, std::vector<policy>& group, tally& counts) const {
    scanhost::batch commands;
    for (const auto& quota : group) {
      if (quota.failed) continue;
      if (quota.seconds > 0)
        commands
            .add("ZREMRANGEBYSCORE", quota.keys.window(), "-inf",
                 scanhost::to_ms(window_start(scan.now(), quota.seconds)))
            .acts(quota.id);
      if (quota.capped) commands.add("GET", quota.keys.concurrency()).about(quota.id);
    }
    const auto answers = co_await scan.execute(std::move(commands));
    std::size_t next = 0;
    for (auto& quota : group) {
      if (quota.failed) continue;
      if (quota.seconds > 0) note_trim(quota, answers[next++], counts);
      if (quota.capped) note_counter(quota, answers[next++], counts);
    }
  }

  void note_trim(policy& quota, const scanhost::outcome& trim, tally& counts) const {
    if (trim.cancelled()) return counts.cancel();
    if (trim.held_back()) return counts.add_skipped();
    if (!trim.ok()) return counts.add_error(joined(named(quota), "trimming its window"), trim);
    if (trim.reply().integer() == 0) return;
    quota.worked = true;
    host_.log(scanhost::log_level::debug, joined(named(quota), "window trimmed"));
  }

  static void note_counter(policy& quota, const scanhost::outcome& counter, tally& counts) {
    if (counter.cancelled()) return counts.cancel();
    if (!counter.ok())
      quota.counter_failure = cause(counter);
    else if (const auto text = counter.reply().optional_text())
      quota.counter = std::string(*text);
  }

  // Counts the admissions whose guard exists, and drops the others once all of a policy's were checked. Most
  // policies end with their first page, so those are read side by side; of the others a few are, since each
  // walk remembers what it has seen.
  task<void> count_admissions(scan_context& scan, std::vector<policy>& group, tally& counts) const {
    std::vector<policy*> walked;
    for (auto& quota : group) {
      if (quota.failed || !quota.capped) continue;
      quota.walk.emplace(quota.keys.admitted_set(), host_.page_size());
      walked.push_back(&quota);
    }
    co_await next_pages(scan, walked, counts);
    for (std::size_t first = 0; first < walked.size(); first += long_walks) {
      const auto last = std::min(first + long_walks, walked.size());
      std::vector<policy*> few(walked.begin() + static_cast<std::ptrdiff_t>(first),
                               walked.begin() + static_cast<std::ptrdiff_t>(last));
      while (!few.empty() && !counts.cancelled()) co_await next_pages(scan, few, counts);
    }
  }

  // One page of each; those that have ended give back what they remember, and leave.
  task<void> next_pages(scan_context& scan, std::vector<policy*>& walked, tally& counts) const {
    co_await count_page(scan, walked, counts);
    if (!counts.cancelled()) co_await drop_ended(scan, walked, counts);
    std::erase_if(walked, [](policy* quota) {
      if (quota->walking()) return false;
      quota->walk.reset();
      quota->expired = {};
      return true;
    });
  }

  task<void> count_page(scan_context& scan, const std::vector<policy*>& walked, tally& counts) const {
    scanhost::batch queries;
    for (const auto* quota : walked) queries.add(std::move(quota->walk->query().about(quota->id)));
    const auto pages = co_await scan.execute(std::move(queries));
    struct admission {
      policy* of;
      std::string id;
    };
    std::vector<admission> admissions;
    scanhost::batch checks;
    for (std::size_t i = 0; i < walked.size(); ++i) {
      auto& quota = *walked[i];
      for (auto& member : quota.walk->take(pages[i])) {
        checks.add("EXISTS", quota.keys.guard(member)).about(quota.id);
        admissions.push_back({&quota, std::move(member)});
      }
      note_walk(quota, counts);
    }
    const auto answers = co_await scan.execute(std::move(checks));
    for (std::size_t i = 0; i < admissions.size(); ++i) {
      auto& [quota, member] = admissions[i];
      if (const auto guard = answers[i]; quota->failed)
        continue;
      else if (!guard.ok())
        fail(*quota, "checking an admission", guard, counts);
      else if (guard.reply().integer() > 0)
        ++quota->live;
      else
        quota->expired.push_back(std::move(member));
    }
    if (scan.cancelled()) counts.cancel();
  }

  static void note_walk(policy& quota, tally& counts) {
    switch (quota.walk->ended()) {
      case set_walk::state::cancelled:
        return counts.cancel();
      case set_walk::state::walking:
      case set_walk::state::done:
        return;
      default:
        quota.failed = true;
        return counts.add_error(joined(named(quota), quota.walk->message()));
    }
  }

  task<void> drop_ended(scan_context& scan, const std::vector<policy*>& walked, tally& counts) const {
    scanhost::batch drops;
    for (const auto* quota : walked) {
      if (quota->failed || quota->walking()) continue;
      for (std::size_t first = 0; first < quota->expired.size(); first += drop_size)
        drops.add(drop_of(*quota, first, std::min(first + drop_size, quota->expired.size())));
    }
    // What could not be dropped is found again; it does not count either way.
    const auto answers = co_await scan.execute(std::move(drops));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (answers[i].cancelled()) counts.cancel();
  }

  // A script for some of the admissions that have expired.
  scanhost::command drop_of(const policy& quota, std::size_t first, std::size_t last) const {
    std::vector<std::string> keys{quota.keys.admitted_set()};
    for (auto i = first; i < last; ++i) keys.push_back(quota.keys.guard(quota.expired[i]));
    auto write = guarded_write(host_, drop_expired, keys);
    for (auto i = first; i < last; ++i) write.arg(quota.expired[i]);
    return std::move(write.acts(quota.id));
  }

  task<void> correct_counters(scan_context& scan, std::vector<policy>& group, tally& counts) const {
    scanhost::batch writes;
    std::vector<policy*> corrected;
    for (auto& quota : group) {
      if (quota.failed || !quota.capped) continue;
      if (!quota.counter_failure.empty()) {
        quota.failed = true;
        counts.add_error(joined(named(quota), "reading its counter: ", quota.counter_failure));
        continue;
      }
      const auto counter = scanhost::parse_integer<std::int64_t>(quota.counter.value_or("")).value_or(0);
      if (counter == static_cast<std::int64_t>(quota.live)) continue;
      auto write = guarded_write(host_, set_counter, std::array{quota.keys.concurrency()},
                                 quota.counter ? "1" : "0", quota.counter.value_or(""), quota.live);
      writes.add(std::move(write.acts(quota.id)));
      corrected.push_back(&quota);
    }
    const auto answers = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < corrected.size(); ++i) note_correction(*corrected[i], answers[i], counts);
  }

  void note_correction(policy& quota, const scanhost::outcome& write, tally& counts) const {
    if (write.held_back()) return counts.add_skipped();
    if (!write.ok()) return fail(quota, "setting its counter", write, counts);
    if (write.reply().integer() != 1)
      return;  // somebody was admitted or released: the next cycle looks again
    quota.worked = true;
    host_.log(scanhost::log_level::info,
              joined(named(quota), "concurrency corrected from '", printable(quota.counter.value_or("")),
                     "' to ", std::to_string(quota.live)));
  }

  static void fail(policy& quota, std::string_view what, const scanhost::outcome& outcome, tally& counts) {
    quota.failed = true;
    if (outcome.cancelled()) return counts.cancel();
    counts.add_error(joined(named(quota), what), outcome);
  }

  static std::string named(const policy& quota) {
    return joined("quota policy '", printable(quota.id), "': ");
  }

  scanhost::services host_;
  bool prunes_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::quota_reconciler)
