// SPDX-License-Identifier: Apache-2.0
//
// Work for quota_reconciler: windows with entries that have left them, and counters that have drifted from
// the admissions that still count; policies in good order, which must stay as they are.
#include "keys.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace quotas_work {

using enum comes_due;

constexpr std::int64_t day =
    86'400'000;  // the window: longer than any run, so that nothing leaves it meanwhile

// With everything that a policy can have; each situation drops what it is without.
struct quota : subject {
  static constexpr range executions{0, 0};
  static constexpr std::uint32_t hashed_over = quota_partitions;

  explicit quota(const scene& at) : subject(at), tag(quota_tag(r.partition)), id(chance.uuid()) {
    for (auto left = chance.between(1, 6); left > 0; --left) live.push_back(draw_admission());
    for (auto left = chance.between(1, 4); left > 0; --left) ended.push_back(draw_admission());
    draw_entries(fresh, 1000, 3'600'000);
    draw_entries(old, day + 1000, 2 * day);
  }

  std::string draw_admission() {
    const auto partition = static_cast<std::uint32_t>(chance.between(0, flow_partitions - 1));
    return flow_tag(partition) + ":" + chance.uuid();
  }
  void draw_entries(fields& entries, std::int64_t min_age, std::int64_t max_age) {
    for (auto left = chance.between(1, 5); left > 0; --left) {
      const auto admission = draw_admission();
      entries.emplace_back(admission, times.now - chance.between(min_age, max_age));
    }
  }

  std::string key(std::string_view part = {}) const { return quota_key(tag, id, part); }
  std::string window() const { return key("window:requests_per_window"); }

  std::string tag, id;
  std::vector<std::string> live, ended;  // admissions
  fields fresh, old;                     // entries of the window
};

void write(quota& q) {
  q.w.set(q.key(), {{"quota_policy_id", q.id},
                    {"requests_per_window_seconds", "86400"},
                    {"max_requests_per_window", 100},
                    {"active_concurrency_cap", 10},
                    {"created_at", q.times.now - 9 * day}});
  q.w.join(index_key(q.tag, "quota_policies"), q.id);
  auto entries = q.fresh;
  entries.insert(entries.end(), q.old.begin(), q.old.end());
  q.w.put_sorted_set(q.window(), entries);
  auto admitted = q.live;
  admitted.insert(admitted.end(), q.ended.begin(), q.ended.end());
  q.w.put_set(q.key("admitted_set"), admitted);
  for (const auto& admission : q.live) q.w.put_string(q.key("admitted:" + admission), "1", day);
}

void count(quota& q, std::int64_t drift = 0) {
  q.w.put_string(q.key("concurrency"), static_cast<std::int64_t>(q.live.size()) + drift);
}

void write_good(quota& q) {
  q.ended.clear();
  q.old.clear();
  write(q);
}

void corrected(quota& q) {
  q.w.put_sorted_set(q.window(), q.fresh);
  q.w.put_set(q.key("admitted_set"), q.live);
  count(q);
}

constexpr situation<quota> table[] = {{"counter drifted, admissions ended", 35, overdue,
                                       [](quota& q) {
                                         q.old.clear();
                                         write(q);
                                         count(q, q.chance.between(1, 9));
                                       },
                                       corrected},
                                      {"old entries in the window", 20, overdue,
                                       [](quota& q) {
                                         q.ended.clear();
                                         write(q);
                                         count(q);
                                       },
                                       corrected},
                                      {"only old entries in the window", 8, overdue,
                                       [](quota& q) {
                                         q.ended.clear();
                                         q.fresh.clear();
                                         write(q);
                                         count(q);
                                       },
                                       [](quota& q) {
                                         q.fresh.clear();
                                         corrected(q);
                                       }},
                                      {"counter lost", 7, overdue, write_good, corrected},
                                      {"in good order", 20, never,
                                       [](quota& q) {
                                         write_good(q);
                                         count(q);
                                       }},
                                      {"in good order, without a cap", 10, never, [](quota& q) {
                                         write_good(q);
                                         q.w.set(q.key(), "active_concurrency_cap", 0);
                                         count(q, 3);
                                       }}};

}  // namespace quotas_work

std::unique_ptr<workload> work_for_quota_reconciler() {
  return make_work("quota_reconciler", 0, quotas_work::table);
}

}  // namespace scanhost::demo
