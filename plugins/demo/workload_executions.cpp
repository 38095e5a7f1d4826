// SPDX-License-Identifier: Apache-2.0
//
// Work for the scanners of single executions. Most act when a time has come, before the run or during it.
// Some executions have more time, or have moved on, and must stay; index entries that stand for nothing must
// go.
#include <array>

#include "workload.hpp"

namespace scanhost::demo {
namespace executions_work {

using enum comes_due;
using enum delay_reason;

// Four of the scanners have an index of their own name.
void enter_at_due(single& s) { s.e.enter(s.scanner, s.due); }
void enter_past(single& s) { s.e.enter(s.scanner, s.past); }
void enter_future(single& s) { s.e.enter(s.scanner, s.future); }
void entry_goes(single& s) { s.e.leave(s.scanner); }

void eligible(single& s) { s.e.create(); }
void active(single& s) { s.e.create().activate(s.future); }
void active_until_due(single& s) { s.e.create().activate(s.due); }
void expired_before(single& s) { s.e.create().activate(s.past).expire_lease(s.past + 40); }
void suspended(single& s) { s.e.create().suspend("fail", s.future, s.past); }
void finished(single& s) { s.e.create().finish("success", s.past); }
void on_hold(single& s) { s.e.create().block(block_reason::operator_hold, s.past); }
void waits(single& s) { s.e.create().block(block_reason::dependencies, s.past); }
void delayed(single& s) { s.e.create().delay(at_creation, s.future); }
void retried(single& s) { s.e.create().delay(retry, s.future); }
void delayed_until_due(single& s) { s.e.create().delay(at_creation, s.due); }
void retried_at_due(single& s) { s.e.create().delay(retry, s.due); }

// In its state, with an index entry that is due.
template <auto Write>
constexpr auto indexed = steps<Write, enter_at_due>;

// --- lease_expiry

void disown(single& s) { s.e.set({{"ownership_state", "unowned"}}); }
void lease_expires(single& s) { s.e.expire_lease(moment()); }

constexpr situation<single> lease_expiry[] = {
    {"lease runs out in the run", 50, in_run, active_until_due, lease_expires},
    {"lease ran out before the run", 12, overdue, active_until_due, lease_expires},
    {"expired before, to be reclaimed", 6, never, expired_before},
    {"renewed, index entry not yet moved", 5, never, steps<active, enter_past>},
    {"lease in good order", 19, never, active},
    {"entry without a record", 2, overdue, enter_at_due, entry_goes},
    {"stray entry of a suspended execution", 2, overdue, indexed<suspended>, entry_goes},
    {"stray entry of a delayed execution", 2, overdue, indexed<retried>, entry_goes},
    {"active without an owner", 2, overdue, steps<active_until_due, disown>, entry_goes}};

// --- delayed_promoter

void delayed_entry(single& s) { s.e.enter_lane("delayed", s.due); }
void delayed_entry_goes(single& s) { s.e.leave_lane("delayed"); }
void promoted(single& s) { expect_promoted(s.e); }

constexpr situation<single> delayed_promoter[] = {
    {"delay from creation ends in the run", 25, in_run, delayed_until_due, promoted},
    {"retry back-off ends in the run", 33, in_run, retried_at_due, promoted},
    {"delay ended before the run", 14, overdue, delayed_until_due, promoted},
    {"delay ends later", 15, never, delayed},
    {"already eligible", 7, never, eligible},
    {"stray entry of an active execution", 2, overdue, steps<active, delayed_entry>, delayed_entry_goes},
    {"stray entry of an eligible execution", 2, overdue, steps<eligible, delayed_entry>, delayed_entry_goes},
    {"entry without a record", 2, overdue, delayed_entry, delayed_entry_goes}};

// --- attempt_timeout and execution_deadline, which expire an execution by the same function. Only an active
// execution has an attempt that can time out; a deadline applies in every state.

void expires(single& s) { expect_expired(s.e, s.scanner); }

constexpr situation<single> attempt_timeout[] = {
    {"active, times out in the run", 50, in_run, indexed<active>, expires},
    {"active, timed out before the run", 15, overdue, indexed<active>, expires},
    {"lease ran out before, times out in the run", 10, in_run, indexed<expired_before>, expires},
    {"times out later", 15, never, steps<active, enter_future>},
    {"stale entry of a finished execution", 5, overdue, indexed<finished>, entry_goes},
    {"entry without a record", 5, overdue, enter_at_due, entry_goes}};

constexpr situation<single> execution_deadline[] = {
    {"eligible, times out in the run", 24, in_run, indexed<eligible>, expires},
    {"delayed, times out in the run", 24, in_run, indexed<retried>, expires},
    {"on hold, times out in the run", 12, in_run, indexed<on_hold>, expires},
    {"waits for others, times out in the run", 12, in_run, indexed<waits>, expires},
    {"suspended, times out in the run", 24, in_run, indexed<suspended>, expires}};

// --- suspension_timeout

constexpr std::array<std::string_view, 7> behaviors{
    "fail",     "cancel",        "expire", "auto_resume", "auto_resume_with_timeout_signal",
    "escalate", "page_the_owner"};

void suspend(single& s, std::string_view behavior, std::int64_t until) {
  s.e.create().suspend(behavior, until, s.e.claimed_at + 60'000);
}
void suspend_for_later(single& s) { suspend(s, "fail", s.future); }
void suspend_until_due(single& s) { suspend(s, s.chance.pick(behaviors), s.due); }
void on_two(single& s) {
  const auto suspension = s.e.key("suspension:current"), other = s.chance.uuid();
  s.w.set(suspension, "additional_waitpoints_json", R"([{"waitpoint_id":")" + other + R"("}])");
  s.w.put_set(suspension + ":satisfied_set", {"approved"});
  s.w.put_set(suspension + ":satisfied_set:signals", {s.chance.uuid()});
  s.w.set(suspension + ":member_map", other, "paid");
  s.w.set(key_of("ff:wp", s.e.tag, other), {{"waitpoint_id", other}, {"state", "active"}});
  s.w.set(key_of("ff:wp", s.e.tag, other, "condition"), {{"composite", 1}, {"closed", 0}});
}
void close_suspension(single& s) {
  s.w.set(s.e.key("suspension:current"), {{"closed_at", s.past}, {"close_reason", "resumed"}});
}
void ends(single& s) {
  expect_suspension_ended(s.e, s.w.get(s.e.key("suspension:current"), "timeout_behavior"));
}

constexpr situation<single> suspension_timeout[] = {
    {"times out", 59, mostly_in_run, suspend_until_due, ends},
    {"composite condition times out", 15, mostly_in_run, steps<suspend_until_due, on_two>, ends},
    {"times out later", 10, never, suspend_for_later},
    {"no timeout", 6, never, [](single& s) { suspend(s, "fail", 0); }},
    {"postponed, index entry not yet moved", 3, never, steps<suspend_for_later, enter_past>},
    {"stale entry of a resumed execution", 3, overdue, indexed<eligible>, entry_goes},
    {"suspension closed, stale entry", 2, overdue, steps<suspend_for_later, close_suspension, enter_at_due>,
     entry_goes},
    {"entry without a record", 2, overdue, enter_at_due, entry_goes}};

// --- pending_wp_expiry: waitpoints that were never committed

constexpr auto waitpoint_index = "pending_waitpoint_expiry";

void enter_waitpoint(single& s, std::int64_t when) {
  s.w.enter(s.e.index(waitpoint_index), s.e.waitpoint_id, when);
}
void waitpoint_entry_at_due(single& s) { enter_waitpoint(s, s.due); }
void waitpoint_entry_past(single& s) { enter_waitpoint(s, s.past); }
void write_pending(single& s, std::int64_t expires) {
  s.e.create().activate(s.future).write_waitpoint("pending", s.e.claimed_at + 2000, expires);
  enter_waitpoint(s, expires);
}
void pending_until_due(single& s) { write_pending(s, s.due); }
void pending_for_later(single& s) { write_pending(s, s.future); }
void set_closed(single& s, const char* reason, const text& when) {
  s.w.set(s.e.waitpoint(), {{"state", "closed"}, {"closed_at", when}, {"close_reason", reason}});
}
void close_waitpoint(single& s) { set_closed(s, "proactive_close", s.past); }
void waitpoint_entry_goes(single& s) { s.w.leave(s.e.index(waitpoint_index), s.e.waitpoint_id); }
void waitpoint_expires(single& s) {
  waitpoint_entry_goes(s);
  set_closed(s, "never_committed", moment());
}

constexpr situation<single> pending_wp_expiry[] = {
    {"expires in the run", 55, in_run, pending_until_due, waitpoint_expires},
    {"expired before the run", 18, overdue, pending_until_due, waitpoint_expires},
    {"expires later", 12, never, pending_for_later},
    {"became active meanwhile", 5, never, steps<suspended, waitpoint_entry_past>},
    {"closed, stale entry", 5, overdue, steps<pending_until_due, close_waitpoint>, waitpoint_entry_goes},
    {"entry without a record", 5, overdue, steps<active, waitpoint_entry_at_due>, waitpoint_entry_goes}};

// --- index_reconciler: executions that lack their index entry, and members of the list of all executions
// that have no record. It reports them, and must change nothing.

void list(single& s) { s.w.join(s.e.index("all_executions"), s.e.id); }

constexpr situation<single> index_reconciler[] = {
    {"in its index", 70, never, eligible},
    {"eligible, not in its index", 12, never, [](single& s) { s.e.create().leave_lane("eligible"); }},
    {"suspended, not in its index", 10, never,
     [](single& s) { s.e.create().suspend("fail", 0, s.past).leave_lane("suspended"); }},
    {"listed, without a record", 8, never, list}};

// --- retention_trimmer: executions that ended more than a day ago, with every kind of key they can have, all
// of which must go; some that ended lately or are kept for longer, which must stay.

constexpr std::array<std::string_view, 5> outcomes{"success", "success", "failed", "cancelled", "expired"};

// Moves its life into the past; returns when it ended.
std::int64_t age(single& s, std::int64_t min_hours, std::int64_t max_hours) {
  const auto by_ms = s.chance.between(min_hours * hour, max_hours * hour);
  s.e.created_at -= by_ms;
  s.e.claimed_at -= by_ms;
  return s.times.now - by_ms;
}

std::int64_t write_ended(single& s, std::int64_t min_hours, std::int64_t max_hours) {
  const auto ended = age(s, min_hours, max_hours);
  s.e.create();
  s.e.finish(s.chance.pick(outcomes), ended);
  return ended;
}

void ended_entry(single& s) { s.e.enter_lane("terminal", age(s, 25, 200)); }
void write_old(single& s) { write_ended(s, 25, 200); }

// With all that an execution may leave behind beside what every one does.
void write_full(single& s) {
  const auto when = write_ended(s, 25, 200);
  const auto& e = s.e;
  const auto signal = s.chance.uuid(), edge = s.chance.uuid();
  const auto signal_key = key_of("ff:signal", e.tag, signal);
  s.w.put_sorted_set(e.key("signals"), {{signal, when - 900}});
  s.w.put_string(signal_key + ":payload", R"({"by":"reviewer"})");
  s.w.append(e.waitpoint("signals"), {{"signal_id", signal}, {"signal_name", "approved"}});
  s.w.put_set(e.key("waitpoints"), {e.waitpoint_id});
  s.w.put_set(e.key("deps:all_edges"), {edge});
  for (const auto& key :
       {signal_key, e.waitpoint(), e.waitpoint("condition"), e.key("dep:" + edge), e.key("deps:meta"),
        e.key("suspension:current"), e.key("lease:current"), e.key("claim_grant")})
    s.w.set(key, {{"execution_id", e.id}, {"closed_at", when - 800}});
}

void keep_for_a_year(single& s) {
  s.w.put_string(s.e.key("policy"), R"({"stream_policy":{"retention_ttl_ms":31536000000}})");
}
void all_goes(single& s) { s.w = world(); }

constexpr situation<single> retention_trimmer[] = {
    {"ended more than a day ago", 45, overdue, write_old, all_goes},
    {"ended more than a day ago, with every kind of key", 20, overdue, write_full, all_goes},
    {"entry without a record", 5, overdue, steps<ended_entry, list>, all_goes},
    {"ended lately", 20, never, [](single& s) { write_ended(s, 1, 12); }},
    {"ended long ago, kept for a year", 10, never, steps<write_old, keep_for_a_year>}};

}  // namespace executions_work

void add_execution_work(workloads& loads) {
  loads.emplace_back("lease_expiry", 30, executions_work::lease_expiry);
  loads.emplace_back("delayed_promoter", 30, executions_work::delayed_promoter);
  loads.emplace_back("attempt_timeout", 8, executions_work::attempt_timeout);
  loads.emplace_back("execution_deadline", 8, executions_work::attempt_timeout,
                     executions_work::execution_deadline);
  loads.emplace_back("suspension_timeout", 8, executions_work::suspension_timeout);
  loads.emplace_back("pending_wp_expiry", 6, executions_work::pending_wp_expiry);
  loads.emplace_back("index_reconciler", 2, executions_work::index_reconciler);
  loads.emplace_back("retention_trimmer", 6, executions_work::retention_trimmer);
}

}  // namespace scanhost::demo
