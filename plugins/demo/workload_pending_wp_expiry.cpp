// SPDX-License-Identifier: Apache-2.0
//
// Work for pending_wp_expiry: waitpoints that were never committed and expire before and during the
// run; some that expire later or became active, which must stay; entries of closed and vanished ones,
// which must go.
#include <array>

#include "execution.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace pending_wp_expiry_work {

enum variety : std::uint8_t { expires, expired, later, committed, closed, gone };

constexpr std::array<share, 6> shares{
    {{expires, 55}, {expired, 18}, {later, 12}, {committed, 5}, {closed, 5}, {gone, 5}}};
constexpr std::array<std::string_view, 6> names{
    "expires in the run",      "expired before the run",    "expires later",
    "became active meanwhile", "closed, entry left behind", "entry without a record"};

void write_pending(world& w, const execution& e, std::int64_t expires_at, dice& chance) {
  w.set(e.waitpoint(), {{"waitpoint_id", e.waitpoint_id},
                        {"execution_id", e.id},
                        {"attempt_index", e.attempt},
                        {"suspension_id", ""},
                        {"waitpoint_key", "wpk:" + chance.hex(12)},
                        {"waitpoint_token", "k1:" + chance.hex(40)},
                        {"state", "pending"},
                        {"created_at", e.claimed_at + 2000},
                        {"activated_at", ""},
                        {"satisfied_at", ""},
                        {"closed_at", ""},
                        {"expires_at", expires_at},
                        {"last_signal_at", ""},
                        {"close_reason", ""},
                        {"signal_count", 0},
                        {"matched_signal_count", 0}});
}

class pending_wp_expiry final : public workload {
 public:
  std::string_view scanner() const override { return "pending_wp_expiry"; }
  std::size_t weight() const override { return 6; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)};
      if (r.variety == expires) r.due = times.in_the_run(chance);
      if (r.variety == expired || r.variety >= closed) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    const auto past = times_.overdue(chance);
    const auto future = times_.later(chance);
    const auto when = r.variety == later ? future : r.variety == committed ? past : r.due;
    write_created(w, e, chance);
    if (r.variety == committed) {
      make_suspended(w, e, "fail", future, past, chance);
    } else {
      make_active(w, e, future, chance);
      if (r.variety != gone) write_pending(w, e, when, chance);
    }
    if (r.variety == closed)
      w.set(e.waitpoint(), {{"state", "closed"}, {"closed_at", past}, {"close_reason", "proactive_close"}});
    w.enter(e.index("pending_waitpoint_expiry"), e.waitpoint_id, when);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    w.leave(e.index("pending_waitpoint_expiry"), e.waitpoint_id);
    if (r.variety == closed || r.variety == gone) return;
    w.set(e.waitpoint(), {{"state", "closed"}, {"closed_at", moment()}, {"close_reason", "never_committed"}});
  }
};

}  // namespace pending_wp_expiry_work

std::unique_ptr<workload> work_for_pending_wp_expiry() {
  return std::make_unique<pending_wp_expiry_work::pending_wp_expiry>();
}

}  // namespace scanhost::demo
