// SPDX-License-Identifier: Apache-2.0
//
// The scans that wait for something outside the store: a wake from a thread of the plugin, or a descriptor.
// All on the scanner's thread, but for `wake`.
//
// A wait is no progress: `scan_timeout` cancels a scan that waits for longer, as any other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "runner/scan/callbacks.hpp"
#include "runner/scan/descriptor_watch.hpp"
#include "runner/scan/scan.hpp"
#include "runner/scan/wake_tokens.hpp"
#include "scanhost/ext/waiting.h"

namespace scanhost::runner {

// A wait that has not ended. Its scan and the handler of its timer own it.
struct pending_wait {
  pending_wait(boost::asio::io_context& context, base::milliseconds timeout) : timer(context, timeout) {}

  scan_ptr scan;
  std::uint64_t token = 0;   // 0: it waits for a descriptor
  base::unique_fd watched;   // the duplicate of that descriptor
  std::uint32_t events = 0;  // that the plugin asked for
  bool ended = false;
  boost::asio::steady_timer timer;
  scanhost_on_ready on_ready = nullptr;
  void* user = nullptr;
};

class waits {
 public:
  waits(boost::asio::io_context& context, callbacks& callbacks);
  ~waits();
  waits(const waits&) = delete;
  waits& operator=(const waits&) = delete;

  std::uint64_t add_token(const scan_ptr& scan);

  // Any thread, also after the scan's end.
  void wake(std::uint64_t token);

  // What a plugin asks for.
  struct request {
    scan_ptr scan;
    base::milliseconds timeout{0};
    scanhost_on_ready on_ready = nullptr;
    void* user = nullptr;
  };
  // Why it is refused; empty: it was taken.
  std::string wait_for_wake(const request& request, std::uint64_t token);
  std::string wait_for_descriptor(const request& request, int descriptor, std::uint32_t events);

  // Ends the waits of a scan, with no events.
  void cancel(const scan_ptr& scan);
  // The scan is over: its waits are dropped, its tokens are void.
  void close(const scan_ptr& scan);

 private:
  using wait_ptr = std::shared_ptr<pending_wait>;
  // Where the posts of foreign threads find this object, as long as it lives.
  struct mailbox {
    wake_tokens tokens;
    waits* owner = nullptr;  // on the scanner's thread
  };

  wait_ptr start(const request& request);
  void look_for_wakes();
  void end(const wait_ptr& wait, std::uint32_t events);
  void forget(pending_wait& wait);

  boost::asio::io_context& context_;
  callbacks& callbacks_;
  std::shared_ptr<mailbox> mailbox_;
  descriptor_watch descriptors_;
  std::unordered_map<std::uint64_t, wait_ptr> by_token_;
  std::unordered_map<int, wait_ptr> by_descriptor_;  // by the duplicate
};

}  // namespace scanhost::runner
