// SPDX-License-Identifier: Apache-2.0
//
// What scans wait for besides the store: their timers, and the host's patience with them.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "runner/scan/visits.hpp"

namespace scanhost::runner {

scanhost_status visits::after(scanhost_scan* handle, std::uint64_t delay_ms, scanhost_on_time on_time,
                              void* user) {
  const auto scan = find(handle);
  if (!scan || on_time == nullptr) return SCANHOST_INVALID;
  constexpr std::uint64_t longest = 24ull * 3600 * 1000;
  const auto delay = std::chrono::milliseconds(scan->cancelled ? 0 : std::min(delay_ms, longest));
  const auto timer = std::make_shared<boost::asio::steady_timer>(context_, delay);
  ++scan->pending;
  scan->timers.push_back(timer);
  // Cancelling the timer makes it come early.
  timer->async_wait([this, scan, timer, on_time, user](const auto&) {
    if (scan->over) return;
    std::erase(scan->timers, timer);
    ready_call call;
    call.scan = scan;
    call.on_time = on_time;
    call.user = user;
    ready_.push_back(std::move(call));
    listener_.wake();
  });
  return SCANHOST_OK;
}

bool visits::cancelled(scanhost_scan* handle) {
  const auto scan = find(handle);
  return !scan || scan->cancelled;
}

std::int64_t visits::now_ms(scanhost_scan* handle) {
  const auto scan = find(handle);
  if (!scan) return 0;
  const auto now = client_.now(scan->tag).time_since_epoch().count();
  if (scan->looked_ms == 0) scan->looked_ms = now;
  return now;
}

void visits::halt() {
  halted_ = true;
  answer_all_queued();
}

void visits::resume() { halted_ = false; }

void visits::cancel_all() {
  halt();
  for (const auto& scan : scans_.unfinished()) cancel(scan);
}

void visits::cancel(const scan_ptr& scan) {
  if (scan->cancelled) return;
  scan->cancelled = true;
  scan->cancelled_at = base::steady::now();
  cancel_batches(scan);
  for (const auto& timer : scan->timers) timer->cancel();
  answer_all_queued();
}

void visits::watch_time_outs() {
  if (time_outs_watched_) return;
  time_outs_watched_ = true;
  time_out_timer_.expires_after(std::min(settings_.scan_timeout, settings_.hang_timeout));
  time_out_timer_.async_wait([this](const auto& problem) {
    time_outs_watched_ = false;
    if (problem || scans_.empty()) return;
    look_for_time_outs();
    if (!scans_.empty()) watch_time_outs();
  });
}

// A scan makes progress while it is granted pages, and is not to blame while it waits for one.
void visits::look_for_time_outs() {
  const auto now = base::steady::now();
  for (const auto& scan : scans_.unfinished()) {
    if (scan->cancelled && now - scan->cancelled_at >= settings_.hang_timeout)
      return break_off("it broke the contract: the scan of " + name_of(*scan) +
                       " was cancelled and never finished");
    if (scan->cancelled || !scan->working || now - scan->progressed < settings_.scan_timeout) continue;
    base::log(base::severity::warn, settings_.name,
              "the scan of " + name_of(*scan) + " made no progress for " +
                  std::to_string(settings_.scan_timeout.count()) + " ms (scan_timeout) and is cancelled");
    cancel(scan);
  }
}

}  // namespace scanhost::runner
