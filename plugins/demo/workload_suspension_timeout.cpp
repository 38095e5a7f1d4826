// SPDX-License-Identifier: Apache-2.0
//
// Work for suspension_timeout: suspensions with every behaviour whose time runs out before and during
// the run; some with more time, or without limit, which must stay; index entries of executions that are
// not suspended any more, which must go.
#include <array>

#include "execution.hpp"
#include "outcomes.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace suspension_timeout_work {

// The first seven are behaviours.
enum variety : std::uint8_t {
  fail,
  cancel,
  expire,
  resume,
  resume_signal,
  escalate,
  odd,
  later,
  unlimited,
  put_off,
  resumed,
  closed,
  gone
};

constexpr std::array<share, 13> shares{{{fail, 16},
                                        {cancel, 12},
                                        {expire, 12},
                                        {resume, 12},
                                        {resume_signal, 8},
                                        {escalate, 10},
                                        {odd, 4},
                                        {later, 10},
                                        {unlimited, 6},
                                        {put_off, 3},
                                        {resumed, 3},
                                        {closed, 2},
                                        {gone, 2}}};
constexpr std::array<std::string_view, 13> names{"times out: fail",
                                                 "times out: cancel",
                                                 "times out: expire",
                                                 "times out: auto_resume",
                                                 "times out: auto_resume_with_timeout_signal",
                                                 "times out: escalate",
                                                 "times out: unknown behaviour",
                                                 "times out later",
                                                 "no timeout",
                                                 "put off, index entry not yet moved",
                                                 "stale entry of a resumed execution",
                                                 "suspension closed, entry left behind",
                                                 "entry without a record"};
constexpr std::array<std::string_view, 7> behaviours{
    "fail",     "cancel",        "expire", "auto_resume", "auto_resume_with_timeout_signal",
    "escalate", "page_the_owner"};

bool times_out(std::uint8_t variety) { return variety <= odd; }
bool is_stale(std::uint8_t variety) { return variety >= resumed; }

class suspension_timeout final : public workload {
 public:
  std::string_view scanner() const override { return "suspension_timeout"; }
  std::size_t weight() const override { return 8; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t executions) override {
    times_ = times;
    for (std::size_t at = 0; at < executions; ++at) {
      record r{chance.roll(), static_cast<std::uint32_t>(at % flow_partitions), 1, 0, draw(chance, shares)};
      if (times_out(r.variety)) r.due = chance.one_in(5) ? times.overdue(chance) : times.in_the_run(chance);
      if (is_stale(r.variety)) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    const auto past = times_.overdue(chance);
    const auto future = times_.later(chance);
    const auto since = e.claimed_at + 60'000;
    const auto index = e.index("suspension_timeout");
    if (r.variety != gone) write_created(w, e, chance);
    if (times_out(r.variety)) make_suspended(w, e, behaviours[r.variety], r.due, since, chance);
    if (r.variety == later || r.variety == put_off || r.variety == closed)
      make_suspended(w, e, "fail", future, since, chance);
    if (r.variety == unlimited) make_suspended(w, e, "fail", 0, since, chance);
    if (r.variety == put_off) w.enter(index, e.id, past);
    if (r.variety == closed)
      w.set(e.key("suspension:current"), {{"closed_at", past}, {"close_reason", "resumed"}});
    if (is_stale(r.variety)) w.enter(index, e.id, r.due);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto e = make_execution(chance, r.partition, times_.now);
    if (is_stale(r.variety)) return w.leave(e.index("suspension_timeout"), e.id);
    expect_suspension_ended(w, e, behaviours[r.variety]);
  }
};

}  // namespace suspension_timeout_work

std::unique_ptr<workload> work_for_suspension_timeout() {
  return std::make_unique<suspension_timeout_work::suspension_timeout>();
}

}  // namespace scanhost::demo
