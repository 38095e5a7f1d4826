// SPDX-License-Identifier: Apache-2.0
//
// Work for budget_reset: budgets whose period ends before and during the run, or later; deleted ones
// that are still scheduled. Work for budget_reconciler: budgets over their limits without the mark, with
// it, and back below; resetting ones, which it must leave alone; ids of deleted ones.
#include <array>

#include "keys.hpp"
#include "partition_of.hpp"
#include "workloads.hpp"

namespace scanhost::demo {
namespace budgets_work {

constexpr std::int64_t day = 24 * 3'600'000;  // longer than any run: no budget is reset twice

struct budget {
  std::string tag, id;
  std::string definition() const { return budget_key(tag, id); }
  std::string usage() const { return budget_key(tag, id, "usage"); }
  std::string limits() const { return budget_key(tag, id, "limits"); }
  std::string index(std::string_view name) const { return index_key(tag, name); }
};

budget make_budget(dice& chance, std::uint32_t partition) {
  budget b;
  b.id = chance.uuid();
  b.tag = budget_tag(partition);
  return b;
}

// The partition that the record's budget has to be in.
std::uint32_t partition_for(const record& r) {
  dice own(r.seed);
  return partition_of(own.uuid(), budget_partitions);
}

void write_budget(world& w, const budget& b, std::int64_t now, std::int64_t interval, std::int64_t used,
                  std::int64_t limit, dice& chance) {
  w.set(b.definition(), {{"budget_id", b.id},
                         {"scope_type", "namespace"},
                         {"scope_id", "acme"},
                         {"enforcement_mode", "strict"},
                         {"on_hard_limit", "block"},
                         {"on_soft_limit", "warn"},
                         {"reset_interval_ms", interval},
                         {"breach_count", chance.between(0, 9)},
                         {"soft_breach_count", chance.between(0, 30)},
                         {"created_at", now - 30 * day},
                         {"last_updated_at", now - 9000},
                         {"last_breach_at", now - 9000},
                         {"last_breach_dim", "total_tokens"}});
  w.set(b.usage(), {{"total_tokens", used}, {"cost_micros", chance.between(0, 900'000)}});
  w.set(b.limits(),
        {{"hard:total_tokens", limit}, {"soft:total_tokens", limit / 2}, {"hard:cost_micros", 1'000'000}});
  w.join(b.index("budget_policies"), b.id);
}

class budget_reset final : public workload {
 public:
  std::string_view scanner() const override { return "budget_reset"; }
  std::size_t weight() const override { return 0; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t count) override {
    times_ = times;
    for (std::size_t at = 0; at < count; ++at) {
      record r{chance.roll(), 0, 0, 0, draw(chance, shares)};
      r.partition = partition_for(r);
      if (r.variety == ends) r.due = times.in_the_run(chance);
      if (r.variety == ended || r.variety >= gone) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto b = make_budget(chance, r.partition);
    const auto when = r.due != 0 ? r.due : times_.later(chance);
    w.enter(b.index("budget_resets"), b.id, when);
    if (r.variety == gone) return w;
    write_budget(w, b, times_.now, r.variety == once ? 0 : interval_of(r), chance.between(0, 1000), 1000,
                 chance);
    w.set(b.definition(), {{"next_reset_at", when}, {"reset_count", chance.between(1, 40)}});
    if (r.variety != once && chance.one_in(2)) w.set(b.usage(), "breached_at", times_.now - 9000);
    return w;
  }

  void after(const record& r, world& w) const override {
    if (r.due == 0) return;
    dice chance(r.seed);
    const auto b = make_budget(chance, r.partition);
    if (r.variety == gone) return w.leave(b.index("budget_resets"), b.id);
    for (const auto field : {"total_tokens", "cost_micros", "breached_at"}) {
      if (field != std::string_view("breached_at") || !w.get(b.usage(), field).empty())
        w.set(b.usage(), field, 0);
    }
    const std::int64_t resets = std::stoll(w.get(b.definition(), "reset_count")) + 1;
    w.set(b.definition(), {{"reset_count", resets},
                           {"last_reset_at", moment()},
                           {"last_updated_at", moment()},
                           {"last_breach_at", ""},
                           {"last_breach_dim", ""}});
    if (r.variety == once) return w.leave(b.index("budget_resets"), b.id);
    w.set(b.definition(), "next_reset_at", moment(0, interval_of(r)));
    w.enter(b.index("budget_resets"), b.id, moment(0, interval_of(r)));
  }

 private:
  enum variety : std::uint8_t { ends, ended, later, gone, once };
  static constexpr std::array<share, 5> shares{{{ends, 55}, {ended, 20}, {later, 15}, {gone, 5}, {once, 5}}};
  static constexpr std::array<std::string_view, 5> names{
      "period ends in the run", "period ended before the run", "period ends later",
      "deleted, still scheduled", "reset for the last time"};

  static std::int64_t interval_of(const record& r) { return r.seed % 2 == 0 ? day : 7 * day; }
};

class budget_reconciler final : public workload {
 public:
  std::string_view scanner() const override { return "budget_reconciler"; }
  std::size_t weight() const override { return 0; }
  std::string_view situation(const record& r) const override { return names[r.variety]; }

  void plan(const timing& times, dice& chance, std::size_t count) override {
    times_ = times;
    for (std::size_t at = 0; at < count; ++at) {
      record r{chance.roll(), 0, 0, 0, draw(chance, shares)};
      r.partition = partition_for(r);
      if (r.variety <= gone) r.due = times.overdue(chance);
      records_.push_back(r);
    }
  }

  world before(const record& r) const override {
    world w;
    dice chance(r.seed);
    const auto b = make_budget(chance, r.partition);
    if (r.variety == gone) {
      w.join(b.index("budget_policies"), b.id);
      return w;
    }
    const bool over = r.variety == over_limit || r.variety == marked || r.variety == resetting;
    const auto used = over                    ? chance.between(1001, 5000)
                      : r.variety == at_limit ? 1000
                                              : chance.between(0, 999);
    write_budget(w, b, times_.now, r.variety == resetting ? day : 0, used, 1000, chance);
    if (r.variety == marked || r.variety == below_again || r.variety == no_limits)
      w.set(b.usage(), "breached_at", times_.now - 70'000);
    if (r.variety == no_limits) w.drop(b.limits());
    return w;
  }

  void after(const record& r, world& w) const override {
    dice chance(r.seed);
    const auto b = make_budget(chance, r.partition);
    if (r.variety == gone) w.leave(b.index("budget_policies"), b.id);
    if (r.variety == over_limit) w.set(b.usage(), "breached_at", moment());
    if (r.variety == below_again) w.drop_field(b.usage(), "breached_at");
  }

 private:
  enum variety : std::uint8_t { over_limit, below_again, gone, marked, at_limit, resetting, no_limits, fine };
  static constexpr std::array<share, 8> shares{{{over_limit, 25},
                                                {below_again, 20},
                                                {gone, 5},
                                                {marked, 10},
                                                {at_limit, 8},
                                                {resetting, 10},
                                                {no_limits, 7},
                                                {fine, 15}}};
  static constexpr std::array<std::string_view, 8> names{"over its limit, not marked",
                                                         "marked, below again",
                                                         "id of a deleted budget",
                                                         "over its limit, marked",
                                                         "at its limit",
                                                         "over its limit, but resets",
                                                         "without limits",
                                                         "below its limits"};
};

}  // namespace budgets_work

std::unique_ptr<workload> work_for_budget_reset() { return std::make_unique<budgets_work::budget_reset>(); }
std::unique_ptr<workload> work_for_budget_reconciler() {
  return std::make_unique<budgets_work::budget_reconciler>();
}

}  // namespace scanhost::demo
