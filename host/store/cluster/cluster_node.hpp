// SPDX-License-Identifier: Apache-2.0
//
// A node of a cluster as one user sees it: its connection, its clock, and since when it is away.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "store/connection/connection.hpp"
#include "store/connection/connection_user.hpp"
#include "store/connection/node_clock.hpp"

namespace scanhost::store {

class cluster_node;

// The cluster, for its nodes.
class node_listener {
 public:
  virtual void on_node_up(cluster_node& node, bool again) = 0;
  virtual void on_node_down(cluster_node& node) = 0;
  virtual void on_node_failed(cluster_node& node, const base::error& problem) = 0;
  virtual connection_user* user() noexcept = 0;  // null: nobody is to be told

 protected:
  ~node_listener() = default;
};

class cluster_node final : private connection_user {
 public:
  // Begins to connect. `settings`: of the store; `name`: as in connection.
  cluster_node(boost::asio::io_context& context, const config::store_settings& settings,
               config::server_address address, const std::string& name, node_listener& listener);
  // Takes over a connection that is up.
  cluster_node(std::shared_ptr<connection> taken, config::server_address address, node_listener& listener);
  ~cluster_node();
  cluster_node(const cluster_node&) = delete;
  cluster_node& operator=(const cluster_node&) = delete;

  const config::server_address& address() const noexcept { return address_; }
  const std::string& endpoint() const noexcept { return line_->endpoint(); }
  connection& line() noexcept { return *line_; }
  const connection& line() const noexcept { return *line_; }
  node_clock& clock() noexcept { return clock_; }
  const node_clock& clock() const noexcept { return clock_; }
  bool up() const noexcept { return up_; }

  // The connection was lost, or could never be made.
  bool is_away() const noexcept { return away_since_.has_value(); }
  // So long that nobody should wait for it.
  bool is_away_for(base::milliseconds limit, base::steady_time now) const noexcept {
    return away_since_ && now - *away_since_ > limit;
  }

  // To be called now and then by a timer. Notes whether it has owed a reply for so long without sending any.
  // It takes two calls: before the first, the scanner may have kept the loop from reading what has arrived.
  void look_for_silence(base::milliseconds limit, base::steady_time now);
  // It stands still, or is busy; until it sends something.
  bool is_silent() const { return silent_since_ && line_->silent_since() == silent_since_; }

  // Its outages are not reported: it only serves to find the others.
  void set_quiet() noexcept { quiet_ = true; }

  // Batches that it has not given back.
  std::size_t outstanding = 0;
  // Not to be used for anything new.
  bool leaving = false;

 private:
  void on_up(bool again, const server_identity& server, const base::timestamp* server_time) override;
  void on_down() override;
  void on_failed_attempt(const base::error& problem) override;
  void on_outage(std::string_view endpoint, std::string_view problem) override;
  void on_warning(std::string_view endpoint, std::string_view warning) override;
  void on_recovery(std::string_view endpoint) override;
  void on_outcomes(const outcome_counts&) override {}  // counted by batch, when its parts are joined

  void note_away();

  node_listener& listener_;
  config::server_address address_;
  node_clock clock_;
  bool up_ = false;
  bool quiet_ = false;
  std::optional<base::steady_time> away_since_;
  std::optional<base::steady_time> suspected_since_;
  std::optional<base::steady_time> silent_since_;
  std::shared_ptr<connection> line_;
};

using node_ptr = std::shared_ptr<cluster_node>;

}  // namespace scanhost::store
