// SPDX-License-Identifier: Apache-2.0
//
// The store as seen by one scanner: batches of commands in, outcomes in order out. Takes and gives the
// structs of the plugin ABI, so that a reply is parsed once and never copied.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "scanhost/store.h"

namespace scanhost::metrics {
class registry;
}

namespace scanhost::store {

// The outcomes of one batch and the memory behind them. `raw()` stays valid as long as this lives.
class reply_batch {
 public:
  virtual ~reply_batch() = default;
  virtual const scanhost_replies* raw() const noexcept = 0;
};

// Called once, later, never from inside execute().
using on_complete = std::function<void(std::unique_ptr<reply_batch>)>;

// Names a batch that is under way.
using ticket = std::uint64_t;

enum class connection_state { connecting, up, down, stopped };

struct client_status {
  connection_state state = connection_state::connecting;
  std::string endpoint;    // without secrets
  std::string last_error;  // empty: none since the last success
  std::uint64_t reconnects = 0;
  std::uint64_t in_flight = 0;  // commands
};

class client {
 public:
  // `name`: label of this client's metrics and log lines (the scanner's name).
  client(boost::asio::io_context& context, const config::store_settings& settings,
         metrics::registry& registry, std::string name);
  ~client();  // stops; what is under way is dropped, its callbacks are not called
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // Begins to connect; batches given before it is up wait for it, at most the connect timeout.
  void start();

  // Sends a batch; everything is copied before this returns. `route`: for commands that name none.
  // Precondition: count >= 1. Never blocks: beyond max_in_flight commands a batch waits its turn here.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                 std::string_view route, on_complete done);

  // Completes a batch soon, with the outcome CANCELLED for every command not yet answered; its late
  // replies are dropped. Unknown or completed tickets are ignored.
  void cancel(ticket which);

  // The clock of the node that serves `route`: the last TIME plus the time since that reply arrived.
  // Zero before the first reply.
  base::timestamp now(std::string_view route) const { return now(route, base::steady::now()); }
  base::timestamp now(std::string_view route, base::steady_time at) const;

  // The age of the reading behind now(); max() before the first.
  base::milliseconds clock_age(std::string_view route) const { return clock_age(route, base::steady::now()); }
  base::milliseconds clock_age(std::string_view route, base::steady_time at) const;

  // Asks the node of `route` for its TIME. `done` says whether it answered.
  void refresh_clock(std::string_view route, std::function<void(base::result<void>)> done);

  // True when `count` more commands would leave at once (back-pressure).
  bool has_room(std::size_t count) const noexcept;

  // The number of nodes now known (1 for a standalone server).
  std::size_t node_count() const noexcept;

  client_status status() const;

  // Closes the connections; every batch under way completes with transient outcomes. Idempotent.
  void stop();

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace scanhost::store
