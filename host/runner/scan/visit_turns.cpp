// SPDX-License-Identifier: Apache-2.0
//
// The turns of scans: the first page of a pass at once, later ones in the order in which they were asked
// for, which walks over the partitions page by page.
#include <algorithm>
#include <utility>

#include "runner/scan/visits.hpp"

namespace scanhost::runner {

namespace {

constexpr std::uint32_t max_passes = 1u << 16;
constexpr base::milliseconds oldest_reading{1000};  // of the clock, when a page is granted

}  // namespace

scanhost_status visits::next_page(scanhost_scan* handle, std::uint32_t pass, std::uint32_t acted,
                                  scanhost_on_turn on_turn, void* user) {
  const auto scan = find(handle);
  if (!scan || on_turn == nullptr) return SCANHOST_INVALID;
  turn_request request;
  request.on_turn = on_turn;
  request.user = user;
  return ask(scan, pass, acted, std::move(request)) ? SCANHOST_OK : SCANHOST_INVALID;
}

bool visits::ask(const scan_ptr& scan, std::uint32_t pass, std::uint32_t acted, turn_request request) {
  if (pass >= max_passes) return false;
  if (pass >= scan->passes.size()) scan->passes.resize(std::size_t{pass} + 1);
  auto& account = scan->passes[pass];
  account.ask(acted);
  request.scan = scan;
  request.pass = pass;
  ++scan->pending;
  ++scan->turns_awaited;
  if (allowance(request) == 0) {
    answer(request, 0);
  } else if (account.first()) {
    grant(std::move(request));
  } else {
    mark_working(*scan);
    queue_.push_back(std::move(request));
    listener_.wake();
  }
  return true;
}

std::uint32_t visits::allowance(const turn_request& request) const {
  const auto& scan = *request.scan;
  if (halted_ || scan.cancelled) return 0;
  const bool spent = budget_.spent(rules_.budget, scan.started, moment_);
  return scan.passes[request.pass].allowance(rules_, spent);
}

bool visits::grant_turns() {
  bool did = false;
  while (!queue_.empty()) {
    const bool room = settings_.concurrency == 0 || working_ < settings_.concurrency;
    if (!room || !client_.has_room(1)) break;
    auto request = std::move(queue_.front());
    queue_.pop_front();
    did = true;
    if (!request.scan->over) grant(std::move(request));
  }
  return did;
}

void visits::grant(turn_request request) {
  if (client_.clock_age(request.scan->tag, moment_) > oldest_reading)
    return refresh_clock_for(std::move(request));
  answer(request, allowance(request));
}

void visits::answer(turn_request& request, std::uint32_t allowance) {
  auto& scan = *request.scan;
  if (allowance > 0) scan.progressed = moment_;
  if (request.answer != nullptr) {
    --scan.pending;
    --scan.turns_awaited;
    mark_working(scan);
    *request.answer = allowance;
    return;
  }
  ready_call call;
  call.scan = request.scan;
  call.on_turn = request.on_turn;
  call.user = request.user;
  call.allowance = allowance;
  ready_.push_back(std::move(call));
  // It works from here on, so that no more are let through than may work at once.
  if (!scan.working) {
    scan.working = true;
    ++working_;
  }
  listener_.wake();
}

// One question at a time: its answer serves all that wait for the same node. A page is granted even when
// nobody answers; the query that follows will then fail, and be counted.
void visits::refresh_clock_for(turn_request request) {
  clock_waiters_.push_back(std::move(request));
  if (clock_waiters_.size() > 1) return;
  client_.refresh_clock(clock_waiters_.front().scan->tag, [this](base::result<void> answered) {
    look_at_clock();
    auto waiters = std::exchange(clock_waiters_, {});
    bool first = true;
    for (auto& waiter : waiters) {
      if (!waiter.scan->over) {
        const bool fresh = client_.clock_age(waiter.scan->tag, moment_) <= oldest_reading;
        if (fresh || first || !answered) {
          answer(waiter, allowance(waiter));
        } else {
          refresh_clock_for(std::move(waiter));
        }
      }
      first = false;
    }
  });
}

void visits::answer_all_queued() {
  auto waiting = std::exchange(queue_, {});
  for (auto& request : waiting) {
    if (request.scan->over) continue;
    if (halted_ || request.scan->cancelled)
      answer(request, 0);
    else
      queue_.push_back(std::move(request));
  }
}

}  // namespace scanhost::runner
