// SPDX-License-Identifier: Apache-2.0
//
// The host's side of one scan: what the handle that a plugin holds points to.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "runner/instance/cycle_entry.hpp"
#include "runner/scan/acted_items.hpp"
#include "runner/scan/held_items.hpp"
#include "runner/scan/turns.hpp"
#include "scanhost/host.h"
#include "store/client.hpp"

namespace scanhost::runner {

using reply_batch_ptr = std::unique_ptr<store::reply_batch>;

// All on the scanner's thread, so the count needs no atomic operations.
using scan_ptr = boost::intrusive_ptr<scanhost_scan>;

// For messages: "the scan of partition 7 {s:7}", "begin_cycle".
std::string name_of(const scanhost_scan& scan);

struct pending_wait;

// What is known of a scan, but for its lists.
struct scan_state {
  std::optional<cycle_entry> entry;  // none: it is the scan of a partition
  std::uint32_t partition = 0;
  bool early = false;
  bool explains = false;  // it is the scan of an explanation: it only reads, and counts nowhere
  scanhost_partition lent_partition{};
  base::steady_time started{};
  base::steady_time progressed{};  // it started, was granted a page, or waited for a limit
  base::steady_time cancelled_at{};
  std::int64_t first_now_ms = 0;  // the server's clock when the plugin first asked for it; 0: it never did
  std::int64_t previous_scan_ms = 0;  // the server's clock at the partition's scan before; 0: there was none

  void* data = nullptr;  // the plugin's own

  bool cancelled = false;
  bool given_up = false;            // cancelled because it waited for a limit when a halt came
  bool over = false;                // finished or dropped: the plugin is not called for it any more
  bool working = false;             // counts against `concurrency`
  bool lacked_function = false;     // one of its calls named a function that the server does not have
  bool store_failed = false;        // the store was to blame for one of its failed commands
  bool held_back = false;           // a dry run did not send one of its commands
  bool violated = false;            // one of its commands was not permitted
  bool calls_unsure = false;        // one of its calls named a function that the plugin could not count on
  std::uint32_t pending = 0;        // callbacks that are still to come
  std::uint32_t turns_awaited = 0;  // those of them that are turns and were not let through yet
};

}  // namespace scanhost::runner

struct scanhost_scan : boost::intrusive_ref_counter<scanhost_scan, boost::thread_unsafe_counter>,
                       scanhost::runner::scan_state {
  std::string tag;
  std::string explained_item;
  std::string node_route;  // of the family `node`, whose partitions have no tag

  // Leads its commands to their node.
  const std::string& route() const noexcept { return node_route.empty() ? tag : node_route; }
  std::vector<scanhost::runner::pass_turns> passes;
  scanhost::runner::acted_items acted;
  scanhost::runner::held_items held_items;  // of a dry run
  std::vector<scanhost::runner::reply_batch_ptr> lent_replies;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> timers;
  std::vector<std::shared_ptr<scanhost::runner::pending_wait>> waits;
  std::vector<std::uint64_t> wake_tokens;

  // Resets it, but keeps the memory of its lists.
  void reset() noexcept {
    static_cast<scanhost::runner::scan_state&>(*this) = {};
    tag.clear();
    explained_item.clear();
    node_route.clear();
    passes.clear();
    acted.reset();
    held_items.reset();
    lent_replies.clear();
    timers.clear();
    waits.clear();
    wake_tokens.clear();
  }
};
