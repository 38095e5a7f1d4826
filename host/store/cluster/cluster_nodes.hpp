// SPDX-License-Identifier: Apache-2.0
//
// The nodes of a cluster as one user sees them: who serves which slot, and the connections with those nodes
// that were needed so far. Asks them who serves what when something hints at a change, and now and then; a
// node that stops answering while its connection stays is silent after a second.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "store/cluster/cluster_node.hpp"
#include "store/cluster/cluster_replies.hpp"
#include "store/cluster/key_positions.hpp"
#include "store/cluster/refresh_schedule.hpp"
#include "store/cluster/topology.hpp"
#include "store/connection/client_status.hpp"
#include "store/connection/connection.hpp"
#include "store/connection/connection_user.hpp"
#include "store/connection/server_identity.hpp"
#include "store/protocol/reply_batch.hpp"

namespace scanhost::store {

// What waits for the topology.
class topology_user {
 public:
  // It is known, perhaps anew.
  virtual void on_topology() = 0;
  // There is none, and there will not be one until an operator acts. `kind`: SCANHOST_OUTCOME_*.
  virtual void on_no_topology(std::int32_t kind, const std::string& why) = 0;

 protected:
  ~topology_user() = default;
};

// Owned by a shared_ptr, since callbacks of connections and timers refer to it weakly. Its users call
// detach() before they go.
class cluster_nodes final : public node_listener, public std::enable_shared_from_this<cluster_nodes> {
 public:
  cluster_nodes(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
                const server_identity& server, connection_user& user, topology_user& batches);
  cluster_nodes(const cluster_nodes&) = delete;
  cluster_nodes& operator=(const cluster_nodes&) = delete;

  // Asks for the topology over this connection, whose server is one of the nodes. on_up of the user follows
  // once it is known, and whenever it changes.
  void start(std::shared_ptr<connection> first);

  // --- who serves what

  bool known() const noexcept { return !topology_.empty(); }
  const key_positions& keys() const noexcept { return keys_; }
  // Null: nobody serves the slot.
  node_ptr owner_of(std::uint16_t slot);
  node_ptr node_with(const config::server_address& address);
  // Somebody serves the slot, and it is not this node.
  bool others_serve(std::uint16_t slot, const cluster_node& node) const;
  // A node has said that another one serves these slots.
  void move(const std::vector<std::uint16_t>& slots, const config::server_address& target);
  // Asks for the topology soon.
  void request_refresh();
  // The same. `done`: when an answer was taken, or the question has failed.
  void refresh(std::function<void()> done);

  // Each node is told of what it is sent, and of what it has given back.
  void lend(cluster_node& node);
  void take_back(const node_ptr& node);

  // --- the primaries that serve slots

  std::size_t count() const noexcept { return std::max<std::size_t>(tags_.size(), 1); }
  // A route that leads to this primary. Precondition: index < count().
  const std::string& route_to(std::size_t index) const;
  std::string name_of(std::size_t index) const;
  // The address of the primary that the route leads to; empty: nobody knows.
  std::string address_at(std::string_view route) const;
  // That primary has owed a reply for more than max_silence.
  bool is_silent(std::string_view route) const;
  // False: it is silent or away.
  bool answers(std::string_view route) const;
  bool has_room(std::string_view route, std::size_t count) const;
  bool has_room(std::size_t count) const;  // at some node or other
  base::timestamp now(std::string_view route, base::steady_time at) const;
  base::steady::duration clock_age(std::string_view route, base::steady_time at) const;

  // --- all of them

  client_status status() const;
  bool all_up() const;
  const std::string& last_error() const noexcept { return last_error_; }
  void stop();
  // From now on no user is called.
  void detach();

 private:
  // node_listener
  void on_node_up(cluster_node& node, bool again) override;
  void on_node_down(cluster_node& node) override;
  void on_node_failed(cluster_node& node, const base::error& problem) override;
  connection_user* user() noexcept override { return user_; }

  const cluster_node* known_owner(std::string_view route) const;
  void follow_topology();
  void retire(const node_ptr& node);
  void release_soon(const node_ptr& node);

  // The question for the topology.
  void ask_somebody(base::steady_time now);
  node_ptr some_node_that_is_up();
  void begin_at_next_seed();
  void ask(const node_ptr& node);
  void learn(const node_ptr& node, const reply_batch& answers);
  base::result<std::vector<slot_range>> read_topology(const cluster_node& node,
                                                      const scanhost_reply& reply) const;
  void take_topology(const std::vector<slot_range>& ranges);
  void drop_departed();
  void fail_refresh(const base::error& problem, std::int32_t outcome);
  void end_refresh(bool answered);

  // Silence: what a node does that was stopped while its connection stays.
  bool some_node_is_silent() const;
  void watch_silence();
  void check_silence(base::steady_time now);
  void give_up_question();

  // One timer for the next question and the next look for silent nodes.
  void arm();
  void on_timer();

  boost::asio::io_context& context_;
  const config::store_settings settings_;
  const std::string name_;
  const server_identity server_;
  connection_user* user_;
  topology_user* batches_;
  bool stopped_ = false;

  topology topology_;
  std::vector<std::string> tags_;  // of the primaries: route_to
  key_positions keys_;

  std::map<std::string, node_ptr> nodes_;  // by "host:port"
  std::vector<node_ptr> owners_;           // by index in the topology; null: not needed so far
  std::vector<node_ptr> leaving_;
  std::uint64_t reconnects_ = 0;

  refresh_schedule schedule_;
  std::vector<std::function<void()>> refresh_waiters_;
  bool asks_slots_ = false;  // the servers do not know CLUSTER SHARDS
  std::string last_error_;   // of a question, until the next one succeeds
  bool outage_reported_ = false;
  std::weak_ptr<cluster_node> asked_;  // for the topology
  std::uint64_t question_ = 0;         // the last one; answers to others come too late
  node_ptr seed_;                      // while no other node can be asked
  std::size_t next_seed_ = 0;
  std::size_t next_asked_ = 0;

  std::optional<base::steady_time> silence_check_;  // none: no node owes a reply
  bool silence_shown_ = false;

  boost::asio::steady_timer timer_;
  std::optional<base::steady_time> armed_;
  std::minstd_rand random_;
};

}  // namespace scanhost::store
