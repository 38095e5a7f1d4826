// SPDX-License-Identifier: Apache-2.0
#include "cancel_reconciler/owed_members.hpp"

#include <array>
#include <utility>

#include "common/function_call.hpp"
#include "common/index_sweep.hpp"
#include "common/reply_class.hpp"

namespace ff {
namespace {

using scanhost::scan_context;
using scanhost::task;

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

void judge_cancel(owed_member& member, const scanhost::outcome& outcome, tally& counts) {
  member.flow->called = true;
  if (fails_for_ever(outcome)) return settle_poisoned(member, outcome, counts);
  if (!outcome.ok()) return failed(member, "cancelling it", outcome, counts);
  const function_reply reply(outcome.reply());
  member.settled = settles_cancel(reply);
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
  for (const auto& member : members) reads.add(read_for_cancel(member.tag, member.id));
  const auto answers = co_await scan.execute(std::move(reads));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto core = answers[i];
    if (fails_for_ever(core)) {
      settle_poisoned(members[i], core, counts);
    } else if (!core.ok()) {
      failed(members[i], "reading its core", core, counts);
    } else {
      const auto& member = members[i];
      members[i].cancel =
          cancel_execution_call(member.tag, member.id, core.reply(), member.flow->reason, member.flow->due);
    }
  }
}

task<void> send_cancels(scan_context& scan, std::vector<owed_member>& members, tally& counts) {
  scanhost::batch calls;
  std::vector<owed_member*> called;
  for (auto& member : members) {
    if (!member.cancel) continue;
    // The candidate of the turn is the flow, which may need many calls.
    calls.add(std::move(member.cancel->acts(member.flow->member, member.flow->due)));
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
    calls.add(std::move(call.acts(member.flow->member)));
    settled.push_back(&member);
  }
  const auto answers = co_await scan.execute(std::move(calls));
  for (std::size_t i = 0; i < settled.size(); ++i) judge_acknowledgement(*settled[i], answers[i], counts);
}

}  // namespace

task<void> cancel_owed_members(scan_context& scan, std::vector<owed_member> members, page_gate& gate,
                               tally& counts) {
  const auto read_at = scan.now();
  co_await read_members(scan, members, counts);
  if (counts.cancelled()) co_return;
  if (!members.empty() && !gate.in_time(scan.now() - read_at)) {
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
