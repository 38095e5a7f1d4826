// SPDX-License-Identifier: Apache-2.0
//
// Work for budget_reset: budgets whose period ends before the run, during it, or later; deleted ones that are
// still scheduled. Work for budget_reconciler: budgets over their limits without the mark, with it, and back
// below; resetting ones, which it must leave alone; ids of deleted ones.
#include "keys.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace budgets_work {

using enum comes_due;

constexpr std::int64_t day = 24 * 3'600'000;  // longer than any run: no budget is reset twice

struct budget : subject {
  static constexpr range executions{0, 0};
  static constexpr std::uint32_t hashed_over = budget_partitions;

  explicit budget(const scene& at) : subject(at), tag(budget_tag(r.partition)), id(chance.uuid()) {}

  std::string key(std::string_view part = {}) const { return budget_key(tag, id, part); }
  std::string usage() const { return key("usage"); }
  std::string policies() const { return index_key(tag, "budget_policies"); }
  std::string resets() const { return index_key(tag, "budget_resets"); }
  std::int64_t interval() const { return r.seed % 2 == 0 ? day : 7 * day; }

  void write(std::int64_t reset_interval, std::int64_t used) {
    const auto changed = times.now - 9000;
    w.set(key(), {{"budget_id", id},
                  {"scope_type", "namespace"},
                  {"scope_id", "acme"},
                  {"enforcement_mode", "strict"},
                  {"on_hard_limit", "block"},
                  {"on_soft_limit", "warn"},
                  {"reset_interval_ms", reset_interval},
                  {"breach_count", chance.between(0, 9)},
                  {"soft_breach_count", chance.between(0, 30)},
                  {"created_at", times.now - 30 * day},
                  {"last_updated_at", changed},
                  {"last_breach_at", changed},
                  {"last_breach_dim", "total_tokens"}});
    w.set(usage(), {{"total_tokens", used}, {"cost_micros", chance.between(0, 900'000)}});
    w.set(key("limits"),
          {{"hard:total_tokens", 1000}, {"soft:total_tokens", 500}, {"hard:cost_micros", 1'000'000}});
    w.join(policies(), id);
  }

  std::string tag, id;
};

// --- budget_reset

void write_scheduled(budget& b, std::int64_t when, std::int64_t interval) {
  b.w.enter(b.resets(), b.id, when);
  b.write(interval, b.chance.between(0, 1000));
  b.w.set(b.key(), {{"next_reset_at", when}, {"reset_count", b.chance.between(1, 40)}});
}

void mark_some(budget& b) {
  if (b.chance.one_in(2)) b.w.set(b.usage(), "breached_at", b.times.now - 9000);
}

void resets_when_due(budget& b) {
  write_scheduled(b, b.due, b.interval());
  mark_some(b);
}

void expect_reset(budget& b) {
  for (const auto* field : {"total_tokens", "cost_micros"}) b.w.set(b.usage(), field, 0);
  if (!b.w.get(b.usage(), "breached_at").empty()) b.w.set(b.usage(), "breached_at", 0);
  b.w.set(b.key(), {{"reset_count", std::int64_t{std::stoll(b.w.get(b.key(), "reset_count")) + 1}},
                    {"last_reset_at", moment()},
                    {"last_updated_at", moment()}});
  b.w.clear(b.key(), {"last_breach_at", "last_breach_dim"});
}

void reset(budget& b) {
  expect_reset(b);
  b.w.set(b.key(), "next_reset_at", moment(0, b.interval()));
  b.w.enter(b.resets(), b.id, moment(0, b.interval()));
}

constexpr situation<budget> budget_reset[] = {
    {"period ends in the run", 55, in_run, resets_when_due, reset},
    {"period ended before the run", 20, overdue, resets_when_due, reset},
    {"period ends later", 15, never,
     [](budget& b) {
       write_scheduled(b, b.times.later(b.chance), b.interval());
       mark_some(b);
     }},
    {"deleted, still scheduled", 5, overdue, [](budget& b) { b.w.enter(b.resets(), b.id, b.due); },
     [](budget& b) { b.w.leave(b.resets(), b.id); }},
    {"reset for the last time", 5, overdue, [](budget& b) { write_scheduled(b, b.due, 0); },
     [](budget& b) {
       expect_reset(b);
       b.w.leave(b.resets(), b.id);
     }}};

// --- budget_reconciler

void over(budget& b) { b.write(0, b.chance.between(1001, 5000)); }
void below(budget& b) { b.write(0, b.chance.between(0, 999)); }
void mark(budget& b) { b.w.set(b.usage(), "breached_at", b.times.now - 70'000); }

constexpr situation<budget> budget_reconciler[] = {
    {"over its limit, not marked", 25, overdue, over,
     [](budget& b) { b.w.set(b.usage(), "breached_at", moment()); }},
    {"marked, below again", 20, overdue,
     [](budget& b) {
       below(b);
       mark(b);
     },
     [](budget& b) { b.w.drop_field(b.usage(), "breached_at"); }},
    {"id of a deleted budget", 5, overdue, [](budget& b) { b.w.join(b.policies(), b.id); },
     [](budget& b) { b.w.leave(b.policies(), b.id); }},
    {"over its limit, marked", 10, never,
     [](budget& b) {
       over(b);
       mark(b);
     }},
    {"at its limit", 8, never, [](budget& b) { b.write(0, 1000); }},
    {"over its limit, but resets", 10, never, [](budget& b) { b.write(day, b.chance.between(1001, 5000)); }},
    {"without limits", 7, never,
     [](budget& b) {
       below(b);
       mark(b);
       b.w.drop(b.key("limits"));
     }},
    {"below its limits", 15, never, below}};

}  // namespace budgets_work

std::unique_ptr<workload> work_for_budget_reset() {
  return make_work("budget_reset", 0, budgets_work::budget_reset);
}
std::unique_ptr<workload> work_for_budget_reconciler() {
  return make_work("budget_reconciler", 0, budgets_work::budget_reconciler);
}

}  // namespace scanhost::demo
