// SPDX-License-Identifier: Apache-2.0
//
// Work for attempt_timeout and execution_deadline, which expire an execution by the same function: in
// every phase that each meets, before and during the run; some that end later, and must stay; index
// entries of finished and vanished executions, which must go.
#include <array>

#include "execution.hpp"
#include "outcomes.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace timeouts_work {

enum variety : std::uint8_t {
  active,
  overdue,
  lease_gone,
  later,
  finished,
  gone,
  eligible,
  delayed,
  held,
  waits,
  suspended
};

constexpr std::array<std::string_view, 11> names{"active, times out in the run",
                                                 "active, timed out before the run",
                                                 "lease ran out before, times out in the run",
                                                 "times out later",
                                                 "stale entry of a finished execution",
                                                 "entry without a record",
                                                 "eligible, times out in the run",
                                                 "delayed, times out in the run",
                                                 "held, times out in the run",
                                                 "waits for others, times out in the run",
                                                 "suspended, times out in the run"};

// Only an active execution has an attempt to time out; a deadline can hit any.
constexpr std::array<share, 6> of_attempts{
    {{active, 50}, {overdue, 15}, {lease_gone, 10}, {later, 15}, {finished, 5}, {gone, 5}}};
constexpr std::array<share, 11> of_deadlines{{{active, 15},
                                              {overdue, 10},
                                              {lease_gone, 5},
                                              {later, 15},
                                              {finished, 5},
                                              {gone, 5},
                                              {eligible, 12},
                                              {delayed, 12},
                                              {held, 6},
                                              {waits, 6},
                                              {suspended, 12}}};

class timeouts final : public workload {
 public:
  timeouts(std::string_view scanner, std::span<const share> shares) : scanner_(scanner), shares_(shares) {}

  std::string_view scanner() const override { return scanner_; }
  std::size_t weight() const override { return 8; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares_)};
      const bool waiting = r.variety == overdue || r.variety == finished || r.variety == gone;
      if (r.variety != later) r.due = waiting ? times.overdue(chance) : times.in_the_run(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    const auto past = times_.overdue(chance);
    const auto future = times_.later(chance);
    if (r.variety != gone) write_state(w, e, r.variety, past, future, chance);
    w.enter(e.index(scanner_), e.id, r.variety == later ? future : r.due);
    return w;
  }

  void after(const record& r, world& w) const override {
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    if (r.variety == later) return;
    if (r.variety == finished || r.variety == gone) return w.leave(e.index(scanner_), e.id);
    expect_expired(w, e, scanner_);
  }

 private:
  static void write_state(world& w, const execution& e, std::uint8_t variety, std::int64_t past,
                          std::int64_t future, dice& chance) {
    write_created(w, e, chance);
    switch (variety) {
      case finished:
        return make_terminal(w, e, "success", past, chance);
      case eligible:
        return;
      case delayed:
        return make_delayed(w, e, delay::retry, future, chance);
      case held:
        return make_blocked(w, e, block::operator_hold, past);
      case waits:
        return make_blocked(w, e, block::dependencies, past);
      case suspended:
        return make_suspended(w, e, "fail", future, past, chance);
      case lease_gone:
        make_active(w, e, past, chance);
        return mark_lease_expired(w, e, past + 40);
      default:
        make_active(w, e, future, chance);
    }
  }

  std::string_view scanner_;
  std::span<const share> shares_;
};

}  // namespace timeouts_work

std::unique_ptr<workload> work_for_attempt_timeout() {
  return std::make_unique<timeouts_work::timeouts>("attempt_timeout", timeouts_work::of_attempts);
}
std::unique_ptr<workload> work_for_execution_deadline() {
  return std::make_unique<timeouts_work::timeouts>("execution_deadline", timeouts_work::of_deadlines);
}

}  // namespace scanhost::demo
