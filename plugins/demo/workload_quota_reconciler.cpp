// SPDX-License-Identifier: Apache-2.0
//
// Work for quota_reconciler: windows with entries that have left them, counters that have drifted from
// the admissions that still count; policies in good order, which must stay as they are.
#include <array>

#include "keys.hpp"
#include "partition_of.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace quota_reconciler_work {

enum variety : std::uint8_t { drifted, old_entries, only_old_entries, lost_counter, good, without_cap };

constexpr std::array<share, 6> shares{{{drifted, 35},
                                       {old_entries, 20},
                                       {only_old_entries, 8},
                                       {lost_counter, 7},
                                       {good, 20},
                                       {without_cap, 10}}};
constexpr std::array<std::string_view, 6> names{"counter drifted, admissions ended",
                                                "old entries in the window",
                                                "only old entries in the window",
                                                "counter lost",
                                                "in good order",
                                                "in good order, without a cap"};
constexpr std::int64_t day =
    86'400'000;  // the window: longer than any run, so that nothing leaves it meanwhile

struct quota {
  std::string tag, id;
  std::vector<std::string> live, ended;
  std::vector<std::pair<std::string, text>> fresh, old;
  std::string key(std::string_view part = {}) const { return quota_key(tag, id, part); }
  std::string window() const { return key("window:requests_per_window"); }
};

quota make_quota(dice& chance, const record& r, std::int64_t now) {
  quota q;
  q.id = chance.uuid();
  q.tag = quota_tag(r.partition);
  const auto admission = [&] {
    return "{fp:" + std::to_string(chance.between(0, 255)) + "}:" + chance.uuid();
  };
  for (auto left = chance.between(1, 6); left > 0; --left) q.live.push_back(admission());
  for (auto left = chance.between(1, 4); left > 0 && r.variety == drifted; --left)
    q.ended.push_back(admission());
  for (auto left = chance.between(1, 5); left > 0 && r.variety != only_old_entries; --left)
    q.fresh.emplace_back(admission(), now - chance.between(1000, 3'600'000));
  for (auto left = chance.between(1, 5);
       left > 0 && (r.variety == old_entries || r.variety == only_old_entries); --left) {
    q.old.emplace_back(admission(), now - day - chance.between(1000, day));
  }
  return q;
}

class quota_reconciler final : public workload {
 public:
  std::string_view scanner() const override { return "quota_reconciler"; }
  std::size_t weight() const override { return 0; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t count) override {
    times_ = times;
    for (std::size_t at = 0; at < count; ++at) {
      record r{chance.roll(), 0, 0, 0, draw(chance, shares)};
      dice own(r.seed);
      r.partition = partition_of(own.uuid(), quota_partitions);  // the first that make_quota draws
      if (r.variety < good) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto q = make_quota(chance, r, times_.now);
    const auto live = static_cast<std::int64_t>(q.live.size());
    w.set(q.key(), {{"quota_policy_id", q.id},
                    {"requests_per_window_seconds", "86400"},
                    {"max_requests_per_window", 100},
                    {"active_concurrency_cap", r.variety == without_cap ? 0 : 10},
                    {"created_at", times_.now - 9 * day}});
    w.join(index_key(q.tag, "quota_policies"), q.id);
    scored entries{q.fresh};
    entries.value.insert(entries.value.end(), q.old.begin(), q.old.end());
    w.put(q.window(), entries);
    members admitted{q.live};
    admitted.value.insert(admitted.value.end(), q.ended.begin(), q.ended.end());
    w.put(q.key("admitted_set"), admitted);
    for (const auto& id : q.live) w.put(q.key("admitted:" + id), expiring{"1", day});
    if (r.variety == lost_counter) return w;
    const auto drift = r.variety == without_cap ? live + 3
                       : r.variety == drifted   ? live + chance.between(1, 9)
                                                : live;
    w.put(q.key("concurrency"), plain{drift});
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto q = make_quota(chance, r, times_.now);
    w.put(q.window(), scored{q.fresh});
    if (q.fresh.empty()) w.drop(q.window());
    w.put(q.key("admitted_set"), members{q.live});
    w.put(q.key("concurrency"), plain{static_cast<std::int64_t>(q.live.size())});
  }
};

}  // namespace quota_reconciler_work

std::unique_ptr<workload> work_for_quota_reconciler() {
  return std::make_unique<quota_reconciler_work::quota_reconciler>();
}

}  // namespace scanhost::demo
