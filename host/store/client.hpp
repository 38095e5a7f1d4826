// SPDX-License-Identifier: Apache-2.0
//
// The store as one scanner sees it: batches of commands in, outcomes in the same order out. Commands and
// replies are the structs of the plugin ABI, so that a reply is parsed once and never copied. Also keeps the
// clock of the server and the metrics of the connection.
//
// `route` names the partition that a command is about. The host has one server today, so every route leads to
// the same connection.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "metrics/held_series.hpp"
#include "metrics/registry.hpp"
#include "scanhost/store.h"
#include "store/client_status.hpp"
#include "store/connection_user.hpp"
#include "store/node_clock.hpp"
#include "store/reply_batch.hpp"

namespace scanhost::store {

class connection;

class client final : private connection_user {
 public:
  // `name`: the scanner's name, for metrics, log lines and the server's client list.
  client(boost::asio::io_context& context, const config::store_settings& settings,
         metrics::registry& registry, std::string name);
  ~client();  // stops; batches in flight are dropped without calling back
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // Begins to connect. Batches given before the connection is up wait for it, at most the connect timeout.
  void start();

  // Sends a batch; everything is copied before this returns. `route`: for commands that name none.
  // Precondition: count >= 1. Never blocks: beyond max_in_flight commands a batch waits here for its turn.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                 std::string_view route, on_complete done);

  // Completes a batch soon, with the outcome CANCELLED for every command that has no answer yet; late replies
  // are dropped. Unknown or completed tickets are ignored.
  void cancel(ticket which);

  // The clock of the server: its last TIME plus the time since that reply arrived. Zero before the first
  // reply.
  base::timestamp now(std::string_view route) const { return now(route, base::steady::now()); }
  base::timestamp now(std::string_view, base::steady_time at) const { return clock_.now(at); }

  // The age of the reading behind now(); max() before the first.
  base::milliseconds clock_age(std::string_view route) const { return clock_age(route, base::steady::now()); }
  base::milliseconds clock_age(std::string_view, base::steady_time at) const { return clock_.age(at); }

  // Asks the server for its TIME. `done` gets an error when it did not answer with one.
  void refresh_clock(std::string_view route, std::function<void(base::result<void>)> done);

  // True when `count` more commands would leave at once (back-pressure).
  bool has_room(std::size_t count) const noexcept;

  // How many servers the scanner's commands go to.
  static constexpr std::size_t node_count() noexcept { return 1; }

  client_status status() const;

  // What the server said about itself when the last connection was made.
  const server_identity& server() const noexcept { return server_; }

  // Closes the connection; every batch in flight completes with transient outcomes. Idempotent.
  void stop();

 private:
  void on_up(bool again, const server_identity& server, const base::timestamp* server_time) override;
  void on_down() override { up_.set(0); }
  void on_failed_attempt(const base::error&) override { up_.set(0); }
  void on_outage(std::string_view problem) override;
  void on_warning(std::string_view warning) override;
  void on_recovery() override;
  void on_outcomes(const outcome_counts& counts) override;

  base::result<void> observe_time(const scanhost_outcome& outcome);

  std::string name_;
  metrics::held_series series_;
  std::array<metrics::counter, outcome_kinds> commands_;
  metrics::gauge up_;
  metrics::counter reconnects_;
  node_clock clock_;
  server_identity server_;
  std::shared_ptr<connection> connection_;  // never null
};

}  // namespace scanhost::store
