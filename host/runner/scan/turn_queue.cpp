// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/turn_queue.hpp"

#include <cstddef>
#include <utility>

namespace scanhost::runner {

namespace {

constexpr std::uint32_t max_passes = 1u << 16;
constexpr base::milliseconds max_clock_age{1000};  // of the server's clock, when a page is granted

}  // namespace

bool turn_queue::ask(turn_request&& request, std::uint32_t acted) {
  if (request.pass >= max_passes) return false;
  auto& scan = *request.scan;
  if (request.pass >= scan.passes.size()) scan.passes.resize(std::size_t{request.pass} + 1);
  auto& turns = scan.passes[request.pass];
  turns.ask(acted);
  ++scan.pending;
  ++scan.turns_awaited;
  if (allowance(request) == 0) {
    refuse(request);
  } else if (turns.first()) {
    grant(std::move(request));
  } else {
    limit_.update(scan);
    queue_.push_back(std::move(request));
    wake_.raise();
  }
  return true;
}

std::uint32_t turn_queue::allowance(const turn_request& request) const {
  const auto& scan = *request.scan;
  if (halted_ || scan.cancelled) return 0;
  const bool spent = budget_.spent(rules_.budget, scan.started, clock_.now());
  return scan.passes[request.pass].allowance(rules_, spent);
}

bool turn_queue::grant() {
  bool granted = false;
  while (!queue_.empty() && limit_.has_room() && finds_room()) {
    auto request = std::move(queue_.front());
    queue_.pop_front();
    granted = true;
    if (!request.scan->over) grant(std::move(request));
  }
  return granted;
}

// Brings a request to the front whose node has room. One node that is slow or away does not hold up the
// others.
bool turn_queue::finds_room() {
  for (auto others = queue_.size() - 1;; --others) {
    if (client_.has_room(queue_.front().scan->route(), 1)) return true;
    if (client_.node_count() == 1) return false;
    queue_.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (others == 0) return false;
  }
}

// From here on the scan counts as working, and its time as its own, even while its turn waits for the clock.
void turn_queue::grant(turn_request&& request) {
  request.scan->progressed = clock_.now();
  limit_.let_through(*request.scan);
  if (!clock_is_fresh(request)) return refresh_clock_for(std::move(request));
  answer(request, allowance(request));
}

bool turn_queue::clock_is_fresh(const turn_request& request) const {
  return client_.clock_age(request.scan->route(), clock_.now()) <= max_clock_age;
}

void turn_queue::refuse(turn_request& request) {
  limit_.let_through(*request.scan);
  answer(request, 0);
}

void turn_queue::answer(turn_request& request, std::uint32_t allowance) {
  auto& scan = *request.scan;
  if (allowance > 0) scan.progressed = clock_.now();
  scan.acted.allow(allowance);
  if (request.answer != nullptr) {
    --scan.pending;
    limit_.update(scan);
    *request.answer = allowance;
    return;
  }
  due_callback callback;
  callback.scan = request.scan;
  callback.on_turn = request.on_turn;
  callback.user = request.user;
  callback.allowance = allowance;
  callbacks_.add(std::move(callback));
}

// One question at a time for each node: its answer serves all that wait for this node.
void turn_queue::refresh_clock_for(turn_request&& request) {
  const auto node = client_.node_at(request.scan->route());
  auto& waiters = clock_waiters_[node];
  waiters.push_back(std::move(request));
  if (waiters.size() > 1) return;
  client_.refresh_clock(waiters.front().scan->route(), [this, node](const base::result<void>& answered) {
    clock_answered(node, answered.has_value());
  });
}

// A page is granted even when the node did not answer: the query that follows will then fail, and be counted.
void turn_queue::clock_answered(const std::string& node, bool answered) {
  clock_.read();
  auto waiters = std::exchange(clock_waiters_[node], {});
  bool first = true;
  for (auto& waiter : waiters) {
    const bool asked_for = std::exchange(first, false);
    if (waiter.scan->over) continue;
    if (asked_for || !answered || clock_is_fresh(waiter))
      answer(waiter, allowance(waiter));
    else
      refresh_clock_for(std::move(waiter));
  }
}

void turn_queue::halt() {
  halted_ = true;
  answer_cancelled();
}

void turn_queue::answer_cancelled() {
  auto waiting = std::exchange(queue_, {});
  for (auto& request : waiting) {
    if (request.scan->over) continue;
    if (halted_ || request.scan->cancelled)
      refuse(request);
    else
      queue_.push_back(std::move(request));
  }
}

void turn_queue::clear() {
  queue_.clear();
  clock_waiters_.clear();
}

}  // namespace scanhost::runner
