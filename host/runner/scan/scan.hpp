// SPDX-License-Identifier: Apache-2.0
//
// The host's side of one scan: what stands behind the handle that a plugin holds.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "runner/scan/turns.hpp"
#include "scanhost/host.h"
#include "store/client.hpp"

namespace scanhost::runner {

using reply_batch_ptr = std::unique_ptr<store::reply_batch>;

// All on the scanner's thread, so the count needs no atomic operations.
using scan_ptr = boost::intrusive_ptr<scanhost_scan>;

// A batch of commands that is under way.
struct pending_batch {
  scan_ptr scan;  // whose it is; null: it is answered
  store::ticket ticket = 0;
  scanhost_on_replies on_replies = nullptr;
  void* user = nullptr;
  reply_batch_ptr* answer = nullptr;    // set: a blocking call waits for it, there is no callback
  std::vector<std::int64_t> known_due;  // by command: when its known item came due; 0: not measured
};

}  // namespace scanhost::runner

struct scanhost_scan : boost::intrusive_ref_counter<scanhost_scan, boost::thread_unsafe_counter> {
  std::uint32_t partition = 0;
  bool early = false;
  std::string tag;
  scanhost_partition face{};
  scanhost::base::steady_time started{};
  scanhost::base::steady_time progressed{};  // it started, or was granted a page
  scanhost::base::steady_time cancelled_at{};
  std::int64_t looked_ms = 0;          // the server's clock when it first asked; 0: it never did
  std::int64_t previous_visit_ms = 0;  // the server's clock at the visit before; 0: there was none

  bool cancelled = false;
  bool over = false;                // finished or dropped: nothing of the plugin is called for it any more
  bool working = false;             // counts against `concurrency`
  std::uint32_t pending = 0;        // callbacks that are still to come
  std::uint32_t turns_awaited = 0;  // those of them that are turns

  std::vector<scanhost::runner::pass_turns> passes;
  std::vector<scanhost::runner::reply_batch_ptr> held;  // answered, lent to the plugin
  std::vector<std::shared_ptr<boost::asio::steady_timer>> timers;

  // Makes it as new, but for the room that its lists take.
  void renew() {
    scanhost_scan fresh;
    fresh.passes.swap(passes);
    fresh.held.swap(held);
    fresh.timers.swap(timers);
    fresh.passes.clear();
    fresh.held.clear();
    fresh.timers.clear();
    *this = std::move(fresh);
  }
};
