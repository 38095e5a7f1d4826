// SPDX-License-Identifier: Apache-2.0
//
// The servers of a store as one user sees them: one server, or the primaries of a cluster. The first server
// that answers says which it is, unless the configuration does. One server costs a batch no more than a look
// at a pointer.
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
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "store/cluster/cluster.hpp"
#include "store/connection/client_status.hpp"
#include "store/connection/connection.hpp"
#include "store/connection/connection_user.hpp"
#include "store/connection/node_clock.hpp"
#include "store/protocol/reply_batch.hpp"

namespace scanhost::store {

class servers final : private connection_user {
 public:
  // `name`: for the server's client list. `user` has to outlive it.
  servers(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
          connection_user& user);
  ~servers();  // stops; batches in flight are dropped without calling back
  servers(const servers&) = delete;
  servers& operator=(const servers&) = delete;

  void start() { line_->start(); }

  // As in client, and likewise the rest.
  ticket execute(const scanhost_command* commands, std::size_t count, std::size_t stride,
                 std::string_view route, on_complete done) {
    if (!cluster_ && decided_) return line_->execute(commands, count, stride, std::move(done));
    return execute_as(cluster::purpose::commands, commands, count, stride, route, std::move(done));
  }
  void cancel(ticket which);
  bool has_room(std::string_view route, std::size_t count) const {
    return cluster_ ? cluster_->has_room(route, count) : line_->has_room(count);
  }
  bool has_room(std::size_t count) const {
    return cluster_ ? cluster_->has_room(count) : line_->has_room(count);
  }

  // A store that is no cluster has one node, which every route leads to.
  std::size_t node_count() const noexcept { return cluster_ ? cluster_->nodes().count() : 1; }
  std::string node_route(std::size_t index) const;
  std::string node_at(std::string_view route) const {
    return cluster_ ? cluster_->nodes().address_at(route) : line_->endpoint();
  }
  bool refresh_nodes(std::function<void()> done) {
    if (cluster_) cluster_->nodes().refresh(std::move(done));
    return cluster_ != nullptr;
  }
  bool is_silent(std::string_view route) const { return cluster_ && cluster_->nodes().is_silent(route); }
  bool answers(std::string_view route) const { return !cluster_ || cluster_->nodes().answers(route); }
  std::string node_name(std::size_t index) const;

  base::timestamp now(std::string_view route, base::steady_time at) const {
    return cluster_ ? cluster_->nodes().now(route, at) : clock_.now(at);
  }
  base::steady::duration clock_age(std::string_view route, base::steady_time at) const {
    return cluster_ ? cluster_->nodes().clock_age(route, at) : clock_.age(at);
  }
  void refresh_clock(std::string_view route, std::function<void(base::result<void>)> done);

  client_status status() const { return cluster_ ? cluster_->nodes().status() : line_->status(); }
  // Every server that is needed can be reached, as far as is known.
  bool all_up() const;

  // The longest until it is known that the servers can be reached, and which they are, or that they cannot.
  base::milliseconds max_attempt() const {
    return (line_ ? line_->max_attempt() : settings_.connect_timeout) + settings_.command_timeout;
  }

  void stop();

 private:
  // A batch that was given before it was known what the store is.
  struct early_batch {
    kept_commands commands;
    std::string route;
    cluster::purpose what;
    on_complete done;
    ticket id = 0;
    bool cancelled = false;
  };

  void on_up(bool again, const server_identity& server, const base::timestamp* server_time) override;
  void on_down() override { user_.on_down(); }
  void on_failed_attempt(const base::error& problem) override { user_.on_failed_attempt(problem); }
  void on_outage(std::string_view endpoint, std::string_view problem) override {
    user_.on_outage(endpoint, problem);
  }
  void on_warning(std::string_view endpoint, std::string_view warning) override {
    user_.on_warning(endpoint, warning);
  }
  void on_recovery(std::string_view endpoint) override { user_.on_recovery(endpoint); }
  void on_outcomes(const outcome_counts& counts) override { user_.on_outcomes(counts); }

  ticket execute_as(cluster::purpose what, const scanhost_command* commands, std::size_t count,
                    std::size_t stride, std::string_view route, on_complete done);
  void end_early(const std::shared_ptr<early_batch>& batch, std::unique_ptr<reply_batch> outcomes);
  void become_cluster(const server_identity& server);

  boost::asio::io_context& context_;
  const config::store_settings settings_;
  const std::string name_;
  connection_user& user_;
  bool decided_;                      // what the store is
  std::shared_ptr<connection> line_;  // null: it is a cluster
  std::shared_ptr<cluster> cluster_;  // null: it is not
  node_clock clock_;                  // of one server
  ticket last_ticket_;                // of a cluster
  std::vector<std::shared_ptr<early_batch>> early_;
};

}  // namespace scanhost::store
