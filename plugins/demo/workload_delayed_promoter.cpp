// SPDX-License-Identifier: Apache-2.0
//
// Work for delayed_promoter: delays from creation, retries and workers that end before and during the
// run, in every lane; some that end later or were put off, and must stay; index entries that stand for
// nothing, and must go.
#include <array>

#include "execution.hpp"
#include "outcomes.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace delayed_promoter_work {

enum variety : std::uint8_t {
  created,
  retry,
  by_worker,
  waited,
  not_due,
  put_off,
  eligible,
  active_stray,
  eligible_stray,
  gone
};

constexpr std::array<share, 10> shares{{{created, 25},
                                        {retry, 25},
                                        {by_worker, 8},
                                        {waited, 14},
                                        {not_due, 12},
                                        {put_off, 3},
                                        {eligible, 7},
                                        {active_stray, 2},
                                        {eligible_stray, 2},
                                        {gone, 2}}};
constexpr std::array<std::string_view, 10> names{"delay from creation ends in the run",
                                                 "retry back-off ends in the run",
                                                 "worker's delay ends in the run",
                                                 "delay ended before the run",
                                                 "delay ends later",
                                                 "put off, index entry not yet moved",
                                                 "already eligible",
                                                 "stray entry of an active execution",
                                                 "stray entry of an eligible execution",
                                                 "entry without a record"};

bool is_promoted(std::uint8_t variety) { return variety <= waited; }

class delayed_promoter final : public workload {
 public:
  std::string_view scanner() const override { return "delayed_promoter"; }
  std::size_t weight() const override { return 30; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)};
      if (r.variety < waited) r.due = times.in_the_run(chance);
      if (r.variety == waited || r.variety >= active_stray) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    const auto past = times_.overdue(chance);
    const auto future = times_.later(chance);
    if (r.variety == gone) {
      w.enter(e.lane_index("delayed"), e.id, r.due);
      return w;
    }
    write_created(w, e, chance);
    const auto why = r.variety == retry       ? delay::retry
                     : r.variety == by_worker ? delay::by_worker
                                              : delay::at_creation;
    if (is_promoted(r.variety)) make_delayed(w, e, why, r.due, chance);
    if (r.variety == not_due || r.variety == put_off) make_delayed(w, e, delay::at_creation, future, chance);
    if (r.variety == put_off) w.enter(e.lane_index("delayed"), e.id, past);
    if (r.variety == active_stray) make_active(w, e, future, chance);
    if (r.variety == active_stray || r.variety == eligible_stray)
      w.enter(e.lane_index("delayed"), e.id, r.due);
    return w;
  }

  void after(const record& r, world& w) const override {
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    if (is_promoted(r.variety)) {
      expect_promoted(w, e);
    } else if (r.due != 0) {
      w.leave(e.lane_index("delayed"), e.id);
    }
  }
};

}  // namespace delayed_promoter_work

std::unique_ptr<workload> work_for_delayed_promoter() {
  return std::make_unique<delayed_promoter_work::delayed_promoter>();
}

}  // namespace scanhost::demo
