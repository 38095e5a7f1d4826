// SPDX-License-Identifier: Apache-2.0
//
// The callbacks that are due: replies, turns, timers and waits stay here until the plugin may be called,
// which is never inside another of its calls.
#pragma once

#include <cstdint>

#include "base/ring_queue.hpp"
#include "runner/instance/plugin_calls.hpp"
#include "runner/scan/coarse_clock.hpp"
#include "runner/scan/concurrency.hpp"
#include "runner/scan/instance_health.hpp"
#include "runner/scan/scan_table.hpp"
#include "runner/scan/wake_signal.hpp"
#include "scanhost/ext/waiting.h"

namespace scanhost::runner {

// One of the four functions is set.
struct due_callback {
  scan_ptr scan;
  scanhost_on_replies on_replies = nullptr;
  reply_batch_ptr batch;
  scanhost_on_turn on_turn = nullptr;
  std::uint32_t allowance = 0;
  scanhost_on_time on_time = nullptr;
  scanhost_on_ready on_ready = nullptr;
  std::uint32_t events = 0;
  void* user = nullptr;
};

class callbacks {
 public:
  callbacks(plugin_calls& calls, scan_table& table, concurrency& limit, instance_health& health,
            coarse_clock& clock, wake_signal& wake) noexcept
      : calls_(calls), table_(table), limit_(limit), health_(health), clock_(clock), wake_(wake) {}

  void add(due_callback&& callback);

  // Calls the plugin for each. True: there was at least one.
  bool deliver();
  void clear() noexcept { queue_.clear(); }
  // The scan that the plugin is called for; null: none.
  const scanhost_scan* delivers_to() const noexcept { return delivers_to_; }

 private:
  void deliver(due_callback& callback);

  plugin_calls& calls_;
  scan_table& table_;
  concurrency& limit_;
  instance_health& health_;
  coarse_clock& clock_;
  wake_signal& wake_;
  base::ring_queue<due_callback> queue_;
  const scanhost_scan* delivers_to_ = nullptr;
};

}  // namespace scanhost::runner
