// SPDX-License-Identifier: Apache-2.0
//
// Reads, cancels, acknowledgements.
#include "cancel_reconciler/owed_members.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include "common/function_call.hpp"
#include "common/ids.hpp"
#include "common/index_sweep.hpp"
#include "common/reply_class.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

// A record of the wrong type fails for ever; it must not pin its flow. Every other failure passes.
bool poisoned(const scanhost::outcome& outcome) { return outcome.error_code() == "WRONGTYPE"; }

void settle_poisoned(owed_member& member, const scanhost::outcome& outcome, const tally& counts) {
  member.settled = true;
  counts.host().log(scanhost::log_level::warn, joined("member '", printable(member.id),
                                                      "' cannot be cancelled and is acknowledged anyway: ",
                                                      printable(outcome.message())));
}

void failed(owed_member& member, std::string_view what, const scanhost::outcome& outcome, tally& counts) {
  member.flow->still_owes = true;
  if (outcome.cancelled()) return counts.cancel();
  if (outcome.held_back()) return counts.add_skipped();
  counts.note_waiting(member.flow->due);
  counts.add_failure(member.id, what, outcome);
}

// An unset waitpoint id is replaced by a fresh one, so that the waitpoint's keys name nothing.
std::string waitpoint_of(const scanhost::reply& field) {
  return canonical(parse_uuid(field.text()).value_or(random_uuid()));
}

scanhost::command cancel_call(const owed_member& member, const scanhost::reply& core) {
  const auto& tag = member.tag;
  const std::string lane(core[0].optional_text().value_or("default"));
  const auto attempt = std::to_string(scanhost::parse_integer<std::uint32_t>(core[1].text()).value_or(0));
  const auto waitpoint = waitpoint_of(core[2]);
  const execution_keys keys(tag, member.id);
  const std::array call_keys = {keys.core(),
                                keys.attempt(attempt),
                                keys.stream_meta(attempt),
                                keys.lease_current(),
                                keys.lease_history(),
                                index_key(tag, "lease_expiry"),
                                worker_leases_key(tag, core[3].text()),
                                keys.suspension(),
                                waitpoint_key(tag, waitpoint),
                                condition_key(tag, waitpoint),
                                index_key(tag, "suspension_timeout"),
                                lane_key(tag, lane, "terminal"),
                                index_key(tag, "attempt_timeout"),
                                index_key(tag, "execution_deadline"),
                                lane_key(tag, lane, "eligible"),
                                lane_key(tag, lane, "delayed"),
                                lane_key(tag, lane, "blocked:dependencies"),
                                lane_key(tag, lane, "blocked:budget"),
                                lane_key(tag, lane, "blocked:quota"),
                                lane_key(tag, lane, "blocked:route"),
                                lane_key(tag, lane, "blocked:operator")};
  auto call = function_call("ff_cancel_execution", call_keys, member.id, member.flow->reason,
                            "operator_override", "", "");
  return std::move(call.route(tag).acts(member.id, member.flow->due));
}

void judge_cancel(owed_member& member, const scanhost::outcome& outcome, tally& counts) {
  member.flow->called = true;
  if (poisoned(outcome)) return settle_poisoned(member, outcome, counts);
  if (!outcome.ok()) return failed(member, "cancelling it", outcome, counts);
  const function_reply reply(outcome.reply());
  member.settled = reply.accepted() || reply.refused_with("execution_not_active") ||
                   reply.refused_with("execution_not_found");
  if (member.settled) return;
  member.flow->still_owes = true;
  counts.note_waiting(member.flow->due);
  counts.add_failure(member.id, reply.complaint("ff_cancel_execution"));
}

void judge_acknowledgement(owed_member& member, const scanhost::outcome& outcome, tally& counts) {
  member.flow->called = true;
  if (!outcome.ok()) return failed(member, "acknowledging its cancel", outcome, counts);
  const function_reply reply(outcome.reply());
  if (reply.accepted()) {
    member.flow->progressed = true;
    return counts.add_handled(member.id, true);
  }
  member.flow->still_owes = true;
  counts.add_failure(member.id, reply.complaint("ff_ack_cancel_member"));
}

task<void> read_members(scan_context& scan, std::vector<owed_member>& members, tally& counts) {
  scanhost::batch reads;
  reads.reserve(members.size());
  for (const auto& member : members)
    reads
        .add("HMGET", execution_keys(member.tag, member.id).core(), "lane_id", "current_attempt_index",
             "current_waitpoint_id", "current_worker_instance_id")
        .route(member.tag)
        .about(member.id);
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto core = answers[i];
    if (poisoned(core)) {
      settle_poisoned(members[i], core, counts);
    } else if (!core.ok()) {
      failed(members[i], "reading its core", core, counts);
    } else {
      members[i].cancel = cancel_call(members[i], core.reply());
    }
  }
}

task<void> send_cancels(scan_context& scan, std::vector<owed_member>& members, tally& counts) {
  scanhost::batch calls;
  std::vector<owed_member*> called;
  for (auto& member : members) {
    if (!member.cancel) continue;
    calls.add(std::move(*member.cancel));
    called.push_back(&member);
  }
  const auto answers = co_await scan.execute(std::move(calls));
  for (std::size_t i = 0; i < called.size(); ++i) judge_cancel(*called[i], answers[i], counts);
}

task<void> acknowledge(scan_context& scan, std::vector<owed_member>& members, tally& counts) {
  const auto backlog = index_key(scan.tag(), "cancel_backlog");
  scanhost::batch calls;
  std::vector<owed_member*> settled;
  for (auto& member : members) {
    if (!member.settled) continue;
    const std::array call_keys = {member.flow->pending_cancels, backlog};
    auto call = function_call("ff_ack_cancel_member", call_keys, member.id, member.flow->member);
    calls.add(std::move(call.acts(member.id)));
    settled.push_back(&member);
  }
  const auto answers = co_await scan.execute(std::move(calls));
  for (std::size_t i = 0; i < settled.size(); ++i) judge_acknowledgement(*settled[i], answers[i], counts);
}

}  // namespace

task<void> cancel_owed_members(scan_context& scan, std::vector<owed_member> members, tally& counts) {
  const auto read_at = scan.now();
  co_await read_members(scan, members, counts);
  if (counts.cancelled()) co_return;
  if (scan.now() - read_at > page_lifetime) {
    // What was read may have changed: the members stay owed, and are read again.
    for (auto& member : members) {
      member.flow->still_owes = true;
      member.cancel.reset();
    }
  }
  co_await send_cancels(scan, members, counts);
  if (!counts.cancelled()) co_await acknowledge(scan, members, counts);
}

}  // namespace ff
