// SPDX-License-Identifier: Apache-2.0
//
// Work for index_reconciler: executions that lack their index entry, and members of the list of all that
// have no record. It reports them, and must change nothing.
#include <array>

#include "execution.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace index_reconciler_work {

enum variety : std::uint8_t { good, lost_eligible, lost_suspended, gone };

constexpr std::array<share, 4> shares{{{good, 70}, {lost_eligible, 12}, {lost_suspended, 10}, {gone, 8}}};
constexpr std::array<std::string_view, 4> names{"in its index", "eligible, not in its index",
                                                "suspended, not in its index", "listed, without a record"};

class index_reconciler final : public workload {
 public:
  std::string_view scanner() const override { return "index_reconciler"; }
  std::size_t weight() const override { return 2; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      records_.push_back(
          {chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)});
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    if (r.variety == gone) {
      w.join(e.index("all_executions"), e.id);
      return w;
    }
    write_created(w, e, chance);
    if (r.variety == lost_eligible) w.leave(e.lane_index("eligible"), e.id);
    if (r.variety != lost_suspended) return w;
    make_suspended(w, e, "fail", 0, times_.overdue(chance), chance);
    w.leave(e.lane_index("suspended"), e.id);
    return w;
  }

  void after(const record&, world&) const override {}
};

}  // namespace index_reconciler_work

std::unique_ptr<workload> work_for_index_reconciler() {
  return std::make_unique<index_reconciler_work::index_reconciler>();
}

}  // namespace scanhost::demo
