// SPDX-License-Identifier: Apache-2.0
//
// Work for the scanners that act on a single execution when a time has come, before the run or during it.
// Some executions have more time, or have moved on, and must stay as they are; index entries that stand for
// nothing must go.
#include "effects.hpp"
#include "workload.hpp"

namespace scanhost::demo {
namespace timers_work {

using enum comes_due;
using enum delay_reason;

// Four of the scanners have an index of their own name.
void enter(single& s, std::int64_t when) { s.e.enter(s.scanner, when); }
void entry_without_record(single& s) { enter(s, s.due); }
void entry_goes(single& s) { s.e.leave(s.scanner); }

void eligible(single& s) { s.e.create(); }
void active(single& s) { s.e.create().activate(s.future); }
void active_until_due(single& s) { s.e.create().activate(s.due); }
void expired_before(single& s) { s.e.create().activate(s.past).expire_lease(s.past + 40); }
void suspended(single& s) { s.e.create().suspend("fail", s.future, s.past); }
void finished(single& s) { s.e.create().finish("success", s.past); }
void on_hold(single& s) { s.e.create().block(block_reason::operator_hold, s.past); }
void waits(single& s) { s.e.create().block(block_reason::dependencies, s.past); }
template <delay_reason Why>
void delayed(single& s) {
  s.e.create().delay(Why, s.future);
}
template <delay_reason Why>
void delayed_until_due(single& s) {
  s.e.create().delay(Why, s.due);
}

// In its state, with an index entry that is due.
template <void (*Write)(single&)>
void indexed(single& s) {
  Write(s);
  enter(s, s.due);
}

// --- lease_expiry

void lease_expires(single& s) { s.e.expire_lease(moment()); }

constexpr situation<single> lease_expiry[] = {
    {"lease runs out in the run", 50, in_run, active_until_due, lease_expires},
    {"lease ran out before the run", 12, overdue, active_until_due, lease_expires},
    {"expired before, to be reclaimed", 6, never, expired_before},
    {"renewed, index entry not yet moved", 5, never,
     [](single& s) { s.e.create().activate(s.future).enter("lease_expiry", s.past); }},
    {"revoked", 3, never, [](single& s) { s.e.create().activate(s.future).revoke_lease(s.past); }},
    {"revoked, stray entry", 2, never,
     [](single& s) { s.e.create().activate(s.future).revoke_lease(s.past).enter("lease_expiry", s.past); }},
    {"lease in good order", 14, never, active},
    {"entry without a record", 2, overdue, entry_without_record, entry_goes},
    {"stray entry of a suspended execution", 2, overdue, indexed<suspended>, entry_goes},
    {"stray entry of a delayed execution", 2, overdue, indexed<delayed<retry>>, entry_goes},
    {"active without an owner", 2, overdue,
     [](single& s) {
       s.e.create().activate(s.due).set({{"ownership_state", "unowned"}});
     },
     entry_goes}};

// --- delayed_promoter

void delayed_entry(single& s) { s.e.enter_lane("delayed", s.due); }
void delayed_entry_goes(single& s) { s.e.leave_lane("delayed"); }
void promoted(single& s) { expect_promoted(s.e); }

constexpr situation<single> delayed_promoter[] = {
    {"delay from creation ends in the run", 25, in_run, delayed_until_due<at_creation>, promoted},
    {"retry back-off ends in the run", 25, in_run, delayed_until_due<retry>, promoted},
    {"worker's delay ends in the run", 8, in_run, delayed_until_due<by_worker>, promoted},
    {"delay ended before the run", 14, overdue, delayed_until_due<at_creation>, promoted},
    {"delay ends later", 12, never, delayed<at_creation>},
    {"postponed, index entry not yet moved", 3, never,
     [](single& s) { s.e.create().delay(at_creation, s.future).enter_lane("delayed", s.past); }},
    {"already eligible", 7, never, eligible},
    {"stray entry of an active execution", 2, overdue,
     [](single& s) { s.e.create().activate(s.future).enter_lane("delayed", s.due); }, delayed_entry_goes},
    {"stray entry of an eligible execution", 2, overdue,
     [](single& s) { s.e.create().enter_lane("delayed", s.due); }, delayed_entry_goes},
    {"entry without a record", 2, overdue, delayed_entry, delayed_entry_goes}};

// --- attempt_timeout and execution_deadline, which expire an execution by the same function. Only an active
// execution has an attempt that can time out; a deadline applies in every state.

void expires(single& s) { expect_expired(s.e, s.scanner); }
void expires_later(single& s) {
  active(s);
  enter(s, s.future);
}

constexpr situation<single> attempt_timeout[] = {
    {"active, times out in the run", 50, in_run, indexed<active>, expires},
    {"active, timed out before the run", 15, overdue, indexed<active>, expires},
    {"lease ran out before, times out in the run", 10, in_run, indexed<expired_before>, expires},
    {"times out later", 15, never, expires_later},
    {"stale entry of a finished execution", 5, overdue, indexed<finished>, entry_goes},
    {"entry without a record", 5, overdue, entry_without_record, entry_goes}};

constexpr situation<single> execution_deadline[] = {
    {"active, times out in the run", 15, in_run, indexed<active>, expires},
    {"active, timed out before the run", 10, overdue, indexed<active>, expires},
    {"lease ran out before, times out in the run", 5, in_run, indexed<expired_before>, expires},
    {"times out later", 15, never, expires_later},
    {"stale entry of a finished execution", 5, overdue, indexed<finished>, entry_goes},
    {"entry without a record", 5, overdue, entry_without_record, entry_goes},
    {"eligible, times out in the run", 12, in_run, indexed<eligible>, expires},
    {"delayed, times out in the run", 12, in_run, indexed<delayed<retry>>, expires},
    {"on hold, times out in the run", 6, in_run, indexed<on_hold>, expires},
    {"waits for others, times out in the run", 6, in_run, indexed<waits>, expires},
    {"suspended, times out in the run", 12, in_run, indexed<suspended>, expires}};

// --- suspension_timeout

const execution& suspend(single& s, std::string_view behavior, std::int64_t until) {
  return s.e.create().suspend(behavior, until, s.e.claimed_at + 60'000);
}
void suspension_ends(single& s) {
  expect_suspension_ended(s.e, s.w.get(s.e.key("suspension:current"), "timeout_behavior"));
}

constexpr situation<single> suspension_timeout[] = {
    {"times out: fail", 16, mostly_in_run, [](single& s) { suspend(s, "fail", s.due); }, suspension_ends},
    {"times out: cancel", 12, mostly_in_run, [](single& s) { suspend(s, "cancel", s.due); }, suspension_ends},
    {"times out: expire", 12, mostly_in_run, [](single& s) { suspend(s, "expire", s.due); }, suspension_ends},
    {"times out: auto_resume", 12, mostly_in_run, [](single& s) { suspend(s, "auto_resume", s.due); },
     suspension_ends},
    {"times out: auto_resume_with_timeout_signal", 8, mostly_in_run,
     [](single& s) { suspend(s, "auto_resume_with_timeout_signal", s.due); }, suspension_ends},
    {"times out: escalate", 10, mostly_in_run, [](single& s) { suspend(s, "escalate", s.due); },
     suspension_ends},
    {"times out: unknown behavior", 4, mostly_in_run, [](single& s) { suspend(s, "page_the_owner", s.due); },
     suspension_ends},
    {"times out later", 10, never, [](single& s) { suspend(s, "fail", s.future); }},
    {"no timeout", 6, never, [](single& s) { suspend(s, "fail", 0); }},
    {"postponed, index entry not yet moved", 3, never,
     [](single& s) { suspend(s, "fail", s.future).enter("suspension_timeout", s.past); }},
    {"stale entry of a resumed execution", 3, overdue, indexed<eligible>, entry_goes},
    {"suspension closed, stale entry", 2, overdue,
     [](single& s) {
       suspend(s, "fail", s.future).enter("suspension_timeout", s.due);
       s.w.set(s.e.key("suspension:current"), {{"closed_at", s.past}, {"close_reason", "resumed"}});
     },
     entry_goes},
    {"entry without a record", 2, overdue, entry_without_record, entry_goes}};

// --- pending_wp_expiry: waitpoints that were never committed

constexpr auto waitpoint_index = "pending_waitpoint_expiry";

void enter_waitpoint(single& s, std::int64_t when) {
  s.w.enter(s.e.index(waitpoint_index), s.e.waitpoint_id, when);
}
void close_waitpoint(single& s, const char* reason, const text& when) {
  s.w.set(s.e.waitpoint(), {{"state", "closed"}, {"closed_at", when}, {"close_reason", reason}});
}
void write_pending(single& s, std::int64_t expires) {
  s.e.create().activate(s.future).write_waitpoint("pending", s.e.claimed_at + 2000, expires);
  enter_waitpoint(s, expires);
}
void pending_until_due(single& s) { write_pending(s, s.due); }
void waitpoint_entry_goes(single& s) { s.w.leave(s.e.index(waitpoint_index), s.e.waitpoint_id); }
void waitpoint_expires(single& s) {
  waitpoint_entry_goes(s);
  close_waitpoint(s, "never_committed", moment());
}

constexpr situation<single> pending_wp_expiry[] = {
    {"expires in the run", 55, in_run, pending_until_due, waitpoint_expires},
    {"expired before the run", 18, overdue, pending_until_due, waitpoint_expires},
    {"expires later", 12, never, [](single& s) { write_pending(s, s.future); }},
    {"became active meanwhile", 5, never,
     [](single& s) {
       suspended(s);
       enter_waitpoint(s, s.past);
     }},
    {"closed, stale entry", 5, overdue,
     [](single& s) {
       write_pending(s, s.due);
       close_waitpoint(s, "proactive_close", s.past);
     },
     waitpoint_entry_goes},
    {"entry without a record", 5, overdue,
     [](single& s) {
       active(s);
       enter_waitpoint(s, s.due);
     },
     waitpoint_entry_goes}};

}  // namespace timers_work

std::unique_ptr<workload> work_for_lease_expiry() {
  return make_work("lease_expiry", 30, timers_work::lease_expiry);
}
std::unique_ptr<workload> work_for_delayed_promoter() {
  return make_work("delayed_promoter", 30, timers_work::delayed_promoter);
}
std::unique_ptr<workload> work_for_attempt_timeout() {
  return make_work("attempt_timeout", 8, timers_work::attempt_timeout);
}
std::unique_ptr<workload> work_for_execution_deadline() {
  return make_work("execution_deadline", 8, timers_work::execution_deadline);
}
std::unique_ptr<workload> work_for_suspension_timeout() {
  return make_work("suspension_timeout", 8, timers_work::suspension_timeout);
}
std::unique_ptr<workload> work_for_pending_wp_expiry() {
  return make_work("pending_wp_expiry", 6, timers_work::pending_wp_expiry);
}

}  // namespace scanhost::demo
