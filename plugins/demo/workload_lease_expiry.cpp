// SPDX-License-Identifier: Apache-2.0
//
// Work for lease_expiry: leases that run out before and during the run; some that were found expired
// before, were renewed, were revoked or are in good order, and must stay; index entries that stand
// for nothing, and must go.
#include <array>

#include "execution.hpp"
#include "outcomes.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace lease_expiry_work {

enum variety : std::uint8_t {
  runs_out,
  ran_out,
  expired_before,
  renewed,
  revoked,
  revoked_stray,
  good,
  gone,
  suspended_stray,
  delayed_stray,
  unowned
};

constexpr std::array<share, 11> shares{{{runs_out, 50},
                                        {ran_out, 12},
                                        {expired_before, 6},
                                        {renewed, 5},
                                        {revoked, 3},
                                        {revoked_stray, 2},
                                        {good, 14},
                                        {gone, 2},
                                        {suspended_stray, 2},
                                        {delayed_stray, 2},
                                        {unowned, 2}}};
constexpr std::array<std::string_view, 11> names{"lease runs out in the run",
                                                 "lease ran out before the run",
                                                 "expired before, to be reclaimed",
                                                 "renewed, index entry not yet moved",
                                                 "revoked",
                                                 "revoked, stray entry",
                                                 "lease in good order",
                                                 "entry without a record",
                                                 "stray entry of a suspended execution",
                                                 "stray entry of a delayed execution",
                                                 "active without an owner"};

class lease_expiry final : public workload {
 public:
  std::string_view scanner() const override { return "lease_expiry"; }
  std::size_t weight() const override { return 30; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)};
      if (r.variety == runs_out) r.due = times.in_the_run(chance);
      if (r.variety == ran_out || r.variety >= gone) r.due = times.overdue(chance);
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
      w.enter(e.index("lease_expiry"), e.id, r.due);
      return w;
    }
    write_created(w, e, chance);
    switch (r.variety) {
      case runs_out:
      case ran_out:
      case unowned:
        make_active(w, e, r.due, chance);
        break;
      case expired_before:
        make_active(w, e, past, chance);
        mark_lease_expired(w, e, past + 40);
        break;
      case suspended_stray:
        make_suspended(w, e, "fail", future, past, chance);
        break;
      case delayed_stray:
        make_delayed(w, e, delay::retry, future, chance);
        break;
      default:
        make_active(w, e, future, chance);
    }
    if (r.variety == renewed || r.variety == revoked_stray) w.enter(e.index("lease_expiry"), e.id, past);
    if (r.variety == suspended_stray || r.variety == delayed_stray)
      w.enter(e.index("lease_expiry"), e.id, r.due);
    if (r.variety == unowned) w.set(e.core(), "ownership_state", "unowned");
    if (r.variety == revoked || r.variety == revoked_stray) revoke_lease(w, e, past);
    if (r.variety == revoked_stray) w.enter(e.index("lease_expiry"), e.id, past);
    return w;
  }

  void after(const record& r, world& w) const override {
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    if (r.variety == runs_out || r.variety == ran_out) {
      expect_lease_expired(w, e);
    } else if (r.due != 0) {
      w.leave(e.index("lease_expiry"), e.id);
    }
  }
};

}  // namespace lease_expiry_work

std::unique_ptr<workload> work_for_lease_expiry() {
  return std::make_unique<lease_expiry_work::lease_expiry>();
}

}  // namespace scanhost::demo
