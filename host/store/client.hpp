// SPDX-License-Identifier: Apache-2.0
//
// The store as one scanner sees it: batches of commands in, outcomes in the same order out. Commands and
// replies are the structs of the plugin ABI, so that a reply is parsed once and never copied. Also keeps the
// clocks of the servers and the metrics of the connections.
//
// `route` names the partition that a command is about. In a cluster it leads to a node: that which serves the
// slot of the command's own route, else that of its first key, else that of the batch's route. With one
// server every route leads to it.
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
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "metrics/held_series.hpp"
#include "metrics/registry.hpp"
#include "scanhost/store.h"
#include "store/batch_pacer.hpp"
#include "store/connection/client_status.hpp"
#include "store/connection/connection_user.hpp"
#include "store/outage_log.hpp"
#include "store/protocol/reply_batch.hpp"
#include "store/rate_limits.hpp"
#include "store/servers.hpp"

namespace scanhost::store {

class client final : private connection_user {
 public:
  // `name`: the scanner's name, for metrics, log lines and the server's client list.
  // `limits`: that its commands are subject to; the host's own, such as TIME, are not.
  client(boost::asio::io_context& context, const config::store_settings& settings,
         metrics::registry& registry, std::string name, rate_limits limits = {});
  // Its end stops it; batches in flight are dropped without calling back.
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // Begins to connect. Batches given before the connection is up wait for it, at most the connect timeout.
  void start() { servers_.start(); }

  // Sends a batch; everything is copied before this returns. `route`: for commands that name none.
  // Precondition: count >= 1. Never blocks: beyond max_in_flight commands a batch waits here for its turn.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                 std::string_view route, on_complete done) {
    if (pacer_) return pacer_->execute(commands, count, stride, route, std::move(done));
    return servers_.execute(commands, count, stride, route, std::move(done));
  }

  // Completes a batch soon, with the outcome CANCELLED for every command that has no answer yet; late replies
  // are dropped. Unknown or completed tickets are ignored.
  void cancel(ticket which) { pacer_ ? pacer_->cancel(which) : servers_.cancel(which); }

  bool has_limits() const noexcept { return pacer_ != nullptr; }
  // Whether commands of this batch wait for a limit; whether they did, of a batch that is not complete or
  // calls back at the moment.
  bool is_waiting(ticket which) const { return pacer_ && pacer_->is_waiting(which); }
  bool has_waited(ticket which) const { return pacer_ && pacer_->has_waited(which); }

  // From now on no batch waits for a limit; those that do leave at once. Or (true) the limits hold again.
  void set_limits_enabled(bool enabled) {
    if (pacer_) pacer_->set_enabled(enabled);
  }

  // The clock of the node that the route leads to: its last TIME plus the time since that reply arrived. Zero
  // before the first reply.
  base::timestamp now(std::string_view route) const { return now(route, base::steady::now()); }
  base::timestamp now(std::string_view route, base::steady_time at) const { return servers_.now(route, at); }

  // The age of the reading behind now(); max() before the first.
  base::steady::duration clock_age(std::string_view route) const {
    return clock_age(route, base::steady::now());
  }
  base::steady::duration clock_age(std::string_view route, base::steady_time at) const {
    return servers_.clock_age(route, at);
  }

  // Asks the node for its TIME. `done` gets an error when it did not answer with one.
  void refresh_clock(std::string_view route, std::function<void(base::result<void>)> done) {
    servers_.refresh_clock(route, std::move(done));
  }

  // True when `count` more commands would leave at once (back-pressure of the node, or of a limit).
  bool has_room(std::string_view route, std::size_t count) const {
    return servers_.has_room(route, count) && (!pacer_ || pacer_->has_room(count));
  }
  // The same for some node or other.
  bool has_room(std::size_t count) const {
    return servers_.has_room(count) && (!pacer_ || pacer_->has_room(count));
  }

  // How many servers the scanner's commands go to: the primaries of a cluster that serve slots, else one.
  std::size_t node_count() const noexcept { return servers_.node_count(); }
  // A route that leads to this node, for commands that are about the node itself. They are in the order of
  // their lowest slots. Precondition: index < node_count().
  std::string node_route(std::size_t index) const { return servers_.node_route(index); }
  // Its address.
  std::string node_name(std::size_t index) const { return servers_.node_name(index); }
  // In a cluster: asks which nodes there are, and calls back when they are known or nobody has answered.
  // False: there is nothing to ask.
  bool refresh_nodes(std::function<void()> done) { return servers_.refresh_nodes(std::move(done)); }
  // The address of the node that the route leads to now; empty: no node serves its slot. An index would mean
  // another node once the topology has changed.
  std::string node_at(std::string_view route) const { return servers_.node_at(route); }
  // In a cluster: that node has owed a reply for more than a second, but its connection stays.
  bool is_silent(std::string_view route) const { return servers_.is_silent(route); }
  // False: in a cluster, that node is silent, or its connection is lost.
  bool answers(std::string_view route) const { return servers_.answers(route); }

  // Of all nodes: the worst of their states.
  client_status status() const;

  // What the server said about itself when the last connection was made.
  const server_identity& server() const noexcept { return server_; }

  // Closes the connections; every batch in flight completes with transient outcomes. Idempotent.
  void stop();

 private:
  void on_up(bool again, const server_identity& server, const base::timestamp* server_time) override;
  void on_down() override { show_state(); }
  void on_failed_attempt(const base::error&) override { show_state(); }
  void on_outage(std::string_view endpoint, std::string_view problem) override;
  void on_warning(std::string_view endpoint, std::string_view warning) override;
  void on_recovery(std::string_view endpoint) override;
  void on_departure(std::string_view endpoint) override;
  void on_outcomes(const outcome_counts& counts) override;

  void show_state() { up_.set(servers_.all_up() ? 1 : 0); }

  std::string name_;
  missed_servers missed_;
  metrics::held_series series_;
  std::array<metrics::counter, outcome_kinds> commands_;
  metrics::gauge up_;
  metrics::counter reconnects_;
  server_identity server_;
  servers servers_;
  std::unique_ptr<batch_pacer> pacer_;  // null: there is no limit
};

}  // namespace scanhost::store
