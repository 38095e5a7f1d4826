// SPDX-License-Identifier: Apache-2.0
//
// budget_reconciler: finds budgets whose mark of a breach does not fit their usage, and corrects the mark.
//
// Finds: members of `budget_policies` that never reset and have limits.
// Does:  sets `breached_at` in the usage where a hard limit is exceeded, removes it where none is; removes
//        ids of deleted budgets from `budget_policies`.
// Leaves alone: budgets that reset (their usage is of the current period only), budgets without limits, soft
//        limits.
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
#include "common/keys.hpp"
#include "common/set_walk.hpp"
#include "common/tally.hpp"
#include "common/whole_walk.hpp"

namespace ff {
namespace {

std::int64_t amount(std::string_view text) { return scanhost::parse_integer<std::int64_t>(text).value_or(0); }

// The value of a field in an HGETALL; nothing where it is absent.
std::optional<std::string_view> field(const scanhost::reply& hash, std::string_view name) {
  for (std::size_t i = 0; i + 1 < hash.size(); i += 2)
    if (hash[i].text() == name) return hash[i + 1].text();
  return std::nullopt;
}

// Whether usage is above some hard limit. (At the limit is not a breach here; for admission it is.)
bool breached(const scanhost::reply& limits, const scanhost::reply& usage) {
  constexpr std::string_view prefix = "hard:";
  std::vector<std::pair<std::string_view, std::int64_t>> hard;
  for (std::size_t i = 0; i + 1 < limits.size(); i += 2) {
    const auto name = limits[i].text();
    const auto limit = amount(limits[i + 1].text());
    if (name.starts_with(prefix) && limit > 0) hard.emplace_back(name.substr(prefix.size()), limit);
  }
  std::ranges::sort(hard);
  for (std::size_t i = 0; i + 1 < usage.size(); i += 2) {
    const auto found =
        std::ranges::lower_bound(hard, usage[i].text(), {}, &decltype(hard)::value_type::first);
    if (found != hard.end() && found->first == usage[i].text() && amount(usage[i + 1].text()) > found->second)
      return true;
  }
  return false;
}

}  // namespace

class budget_reconciler : public scanhost::scanner {
 public:
  static scanhost::description describe() {
    auto me = described("budget_reconciler", "corrects the marks of budgets that are over their limits",
                        std::chrono::seconds(30), 100, budget_family());
    add_options(me, ignored_filter_options());
    return me;
  }

  explicit budget_reconciler(scanhost::services host) : host_(host) {}

  scanhost::task<scanhost::result> scan(scanhost::scan_context& scan) override {
    tally counts(host_, scan);
    whole_walk walk(scan, counts, set_walk(index_key(scan.tag(), "budget_policies"), host_.page_size()));
    for (auto ids = co_await walk.next(); !ids.empty(); ids = co_await walk.next())
      co_await reconcile(scan, std::move(ids), counts);
    co_return counts.result();
  }

  scanhost::task<void> explain(scanhost::scan_context& scan, scanhost::explanation& item) override {
    const std::string id(item.name());
    const auto index = index_key(scan.tag(), "budget_policies");
    scanhost::batch reads;
    reads.add("SISMEMBER", index, id).about(id);
    reads.add("HGETALL", budget_key(scan.tag(), id)).about(id);
    reads.add("HGETALL", budget_usage_key(scan.tag(), id)).about(id);
    reads.add("HGETALL", budget_limits_key(scan.tag(), id)).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    for (std::size_t i = 0; i < answers.size(); ++i)
      if (!answers[i].ok()) co_return item.add(unreadable("reading the budget", answers[i], index));
    auto judged =
        answers[0].reply().integer() == 1
            ? explained(answers[1].reply(), answers[2].reply(), answers[3].reply())
            : found(scanhost::standing::not_here, "it is not among the budgets that are looked after");
    judged.index = index;
    item.add(judged);
  }
  std::optional<std::uint32_t> find_partition(std::string_view item, std::uint32_t count) const override {
    return partition_of_item(item, count);
  }

 private:
  static scanhost::finding explained(const scanhost::reply& definition, const scanhost::reply& usage,
                                     const scanhost::reply& limits) {
    using scanhost::standing;
    if (definition.empty())
      return found(standing::due, "its definition is gone: the next cycle takes it out of the set");
    const auto interval = field(definition, "reset_interval_ms").value_or("");
    if (!interval.empty() && interval != "0")
      return found(standing::in_order, "it resets, so its mark is left to the engine");
    if (limits.empty()) return found(standing::in_order, "it has no limits");
    const bool is_breached = breached(limits, usage);
    if (is_breached == field(usage, "breached_at").has_value())
      return found(standing::in_order, is_breached ? "it is over a hard limit, and marked so"
                                                   : "it is within its hard limits, and not marked");
    return found(standing::due, is_breached
                                    ? "it is over a hard limit: the next cycle marks it"
                                    : "it is within its hard limits: the next cycle removes its mark");
  }

  scanhost::task<void> reconcile(scanhost::scan_context& scan, std::vector<std::string> ids, tally& counts) {
    scanhost::batch writes;
    co_await keep_lifelong(scan, ids, writes, counts);
    if (!counts.cancelled()) co_await judge(scan, std::move(ids), std::move(writes), counts);
  }

  // Leaves only those that never reset. Budgets that are gone are to be taken out of the set.
  scanhost::task<void> keep_lifelong(scanhost::scan_context& scan, std::vector<std::string>& ids,
                                     scanhost::batch& writes, tally& counts) {
    scanhost::batch reads;
    reads.reserve(ids.size());
    for (const auto& id : ids) reads.add("HGETALL", budget_key(scan.tag(), id)).about(id);
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<std::string> lifelong;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto definition = answers[i];
      if (definition.cancelled()) co_return counts.cancel();
      if (!definition.ok()) {
        counts.add_error(joined("budget '", printable(ids[i]), "': reading its definition"), definition);
      } else if (definition.reply().empty()) {
        const std::array keys = {budget_key(scan.tag(), ids[i]), index_key(scan.tag(), "budget_policies")};
        auto removal = guarded_write(host_, remove_member_without_record, keys, ids[i]);
        writes.add(std::move(removal.acts(ids[i])));
      } else {
        const auto interval = field(definition.reply(), "reset_interval_ms").value_or("");
        if (interval.empty() || interval == "0") lifelong.push_back(std::move(ids[i]));
      }
    }
    ids = std::move(lifelong);
  }

  struct mark {
    std::string_view budget;
    bool is_breached;
  };

  // Sends the writes together with its own.
  scanhost::task<void> judge(scanhost::scan_context& scan, std::vector<std::string> ids,
                             scanhost::batch writes, tally& counts) {
    const auto others = writes.size();
    const auto marks = co_await wrong_marks(scan, ids, counts);
    if (counts.cancelled()) co_return;
    for (const auto& [budget, is_breached] : marks) {
      const auto key = budget_usage_key(scan.tag(), budget);
      if (is_breached)
        writes.add("HSET", key, "breached_at", scanhost::to_ms(scan.now())).acts(budget);
      else
        writes.add("HDEL", key, "breached_at").acts(budget);
    }
    const auto done = co_await scan.execute(std::move(writes));
    for (std::size_t i = 0; i < marks.size(); ++i) note(marks[i], done[others + i], counts);
  }

  // What the marks should be that do not fit the usage.
  scanhost::task<std::vector<mark>> wrong_marks(scanhost::scan_context& scan,
                                                const std::vector<std::string>& ids, tally& counts) {
    scanhost::batch reads;
    reads.reserve(2 * ids.size());
    for (const auto& id : ids) {
      reads.add("HGETALL", budget_usage_key(scan.tag(), id)).about(id);
      reads.add("HGETALL", budget_limits_key(scan.tag(), id)).about(id);
    }
    const auto answers = co_await scan.execute(std::move(reads));
    std::vector<mark> wrong;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto usage = answers[2 * i];
      const auto limits = answers[2 * i + 1];
      if (usage.cancelled() || limits.cancelled()) counts.cancel();
      if (counts.cancelled()) break;
      if (!usage.ok() || !limits.ok()) {
        counts.add_error(joined("budget '", printable(ids[i]), "': reading its usage and limits"),
                         usage.ok() ? limits : usage);
        continue;
      }
      if (limits.reply().empty()) continue;
      const bool is_breached = breached(limits.reply(), usage.reply());
      if (is_breached != field(usage.reply(), "breached_at").has_value())
        wrong.push_back({ids[i], is_breached});
    }
    co_return wrong;
  }

  void note(const mark& written, const scanhost::outcome& write, tally& counts) const {
    const auto id = printable(written.budget);
    if (write.cancelled()) return counts.cancel();
    if (write.held_back()) return counts.add_skipped();
    if (!write.ok()) return counts.add_error(joined("budget '", id, "': writing its mark"), write);
    counts.add_processed();
    host_.log(scanhost::log_level::info, joined("budget '", id, "' ",
                                                written.is_breached ? "is over a hard limit: marked"
                                                                    : "is within its limits: mark removed"));
  }

  scanhost::services host_;
};

}  // namespace ff

SCANHOST_PLUGIN(ff::budget_reconciler)
