// SPDX-License-Identifier: Apache-2.0
//
// The commands of scans: sent, answered, measured.
#include <algorithm>
#include <utility>

#include "runner/instance/abi_reading.hpp"
#include "runner/scan/cancelled_batch.hpp"
#include "runner/scan/visits.hpp"

namespace scanhost::runner {

scanhost_status visits::execute(scanhost_scan* handle, const scanhost_command* commands, std::size_t count,
                                std::size_t stride, scanhost_on_replies on_replies, void* user) {
  const auto scan = find(handle);
  if (!scan || on_replies == nullptr) return SCANHOST_INVALID;
  pending_batch pending;
  pending.scan = scan;
  pending.on_replies = on_replies;
  pending.user = user;
  return send(commands, count, stride, std::move(pending)) ? SCANHOST_OK : SCANHOST_INVALID;
}

bool visits::send(const scanhost_command* commands, std::size_t count, std::size_t stride,
                  pending_batch pending) {
  if (!well_formed(commands, count, stride)) return false;
  auto& scan = *pending.scan;
  pending.known_due = known_due(scan, commands, count, stride);
  if (free_slots_.empty()) {
    free_slots_.push_back(batches_.size());
    batches_.emplace_back();
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  batches_[slot] = std::move(pending);
  ++scan.pending;
  if (scan.cancelled) {
    answered(slot, cancelled_batch(count));
    return true;
  }
  batches_[slot].ticket =
      client_.execute(commands, count, stride, scan.tag,
                      [this, slot](reply_batch_ptr batch) { answered(slot, std::move(batch)); });
  return true;
}

void visits::cancel_batches(const scan_ptr& scan) {
  for (const auto& batch : batches_)
    if (batch.scan == scan) client_.cancel(batch.ticket);
}

// Counts the acting calls, and notes when the items came due that were there at the visit before: those
// the host could have been waiting for.
std::vector<std::int64_t> visits::known_due(const scanhost_scan& scan, const scanhost_command* commands,
                                            std::size_t count, std::size_t stride) {
  std::vector<std::int64_t> due;
  std::uint64_t acting = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto command = read_growing(at_stride(commands, i, stride));
    if ((command.flags & SCANHOST_COMMAND_ACTS) == 0) continue;
    ++acting;
    if (scan.previous_visit_ms <= 0 || command.due_ms <= scan.previous_visit_ms) continue;
    due.resize(count, 0);
    due[i] = command.due_ms;
  }
  budget_.add_calls(acting);
  return due;
}

void visits::answered(std::size_t slot, reply_batch_ptr batch) {
  const auto pending = std::exchange(batches_[slot], {});
  free_slots_.push_back(slot);
  const auto& scan = pending.scan;
  if (scan->over) return;
  if (!pending.known_due.empty()) measure(*scan, pending, *batch->raw());
  if (pending.answer != nullptr) {
    --scan->pending;
    *pending.answer = std::move(batch);
    return;
  }
  ready_call call;
  call.scan = scan;
  call.on_replies = pending.on_replies;
  call.user = pending.user;
  call.batch = std::move(batch);
  ready_.push_back(std::move(call));
  listener_.wake();
}

void visits::measure(const scanhost_scan& scan, const pending_batch& pending,
                     const scanhost_replies& replies) {
  const auto now = client_.now(scan.tag).time_since_epoch().count();
  const auto count = std::min(replies.outcome_count, pending.known_due.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (pending.known_due[i] == 0) continue;
    if (at_stride(replies.outcomes, i, replies.outcome_stride).kind != SCANHOST_OUTCOME_REPLY) continue;
    record_.late(base::milliseconds(std::max<std::int64_t>(now - pending.known_due[i], 0)));
  }
}

void visits::release(scanhost_scan* handle, const scanhost_replies* replies) {
  if (replies == nullptr) return;
  const auto scan = find(handle);
  if (!scan) return;
  const auto found = std::find_if(scan->held.begin(), scan->held.end(),
                                  [&](const auto& batch) { return batch->raw() == replies; });
  if (found != scan->held.end()) scan->held.erase(found);
}

}  // namespace scanhost::runner
