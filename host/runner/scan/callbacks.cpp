// SPDX-License-Identifier: Apache-2.0
#include "runner/scan/callbacks.hpp"

#include <fmt/format.h>

#include <utility>

namespace scanhost::runner {

void callbacks::add(due_callback&& callback) {
  queue_.emplace_back(std::move(callback));
  wake_.raise();
}

bool callbacks::deliver() {
  bool delivered = false;
  while (!queue_.empty() && health_.usable()) {
    auto callback = std::move(queue_.front());
    queue_.pop_front();
    deliver(callback);
    delivered = true;
  }
  return delivered;
}

void callbacks::deliver(due_callback& callback) {
  auto& scan = *callback.scan;
  if (scan.over) return;
  --scan.pending;
  limit_.update(scan);
  const scanhost_replies* replies = nullptr;
  if (callback.batch) {
    replies = callback.batch->raw();
    scan.lent_replies.push_back(std::move(callback.batch));
  }
  table_.expect(callback.scan);
  clock_.count_call();
  delivers_to_ = &scan;
  auto thrown = calls_.run("callback", [&] {
    if (callback.on_replies) callback.on_replies(callback.user, replies);
    if (callback.on_turn) callback.on_turn(callback.user, callback.allowance);
    if (callback.on_time) callback.on_time(callback.user);
    if (callback.on_ready) callback.on_ready(callback.user, callback.events);
  });
  delivers_to_ = nullptr;
  if (thrown) health_.fail(fmt::format("a callback of {}: {}", name_of(scan), *thrown));
}

}  // namespace scanhost::runner
