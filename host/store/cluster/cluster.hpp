// SPDX-License-Identifier: Apache-2.0
//
// A cluster as one user sees it. The thin part around the pure ones: the topology says where a slot is
// served, the refresh schedule when to ask for it anew, a routed batch what to do with its parts that come
// back. There is one connection to each primary, made when it is first needed and closed when the node has
// left.
//
// A batch is split by the slots of its commands; what is sent to one node in one turn of the event loop
// leaves in one write. Order is kept within a batch for commands about one key, and across batches as long as
// the slot does not move.
//
// Threads: everything on the thread that runs the io_context.
#pragma once

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
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"
#include "store/cluster/cluster_node.hpp"
#include "store/cluster/key_positions.hpp"
#include "store/cluster/refresh_schedule.hpp"
#include "store/cluster/routed_batch.hpp"
#include "store/cluster/topology.hpp"
#include "store/connection/client_status.hpp"
#include "store/connection/connection_user.hpp"

namespace scanhost::store {

// Owned by a shared_ptr, since callbacks of connections and timers refer to it weakly. Its user calls
// detach() before it goes.
class cluster final : public node_listener, public std::enable_shared_from_this<cluster> {
 public:
  cluster(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
          const server_identity& server, connection_user& user);
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  // Asks for the topology over this connection, whose server is one of the nodes. on_up of the user follows
  // once it is known, and whenever it changes.
  void start(std::shared_ptr<connection> first);

  // What a batch is for, besides its outcomes.
  enum class purpose { commands, clock };  // clock: one TIME, which sets the clock of the node that answers
  // `id`: not in use.
  void execute(ticket id, kept_commands commands, std::string_view route, purpose what, on_complete done);
  void cancel(ticket id);
  bool has_room(std::string_view route, std::size_t count) const;
  bool has_room(std::size_t count) const;  // at some node or other

  // Primaries that serve slots, at least 1.
  std::size_t node_count() const noexcept { return std::max<std::size_t>(tags_.size(), 1); }
  // A route that leads to this primary. Precondition: index < node_count().
  const std::string& node_route(std::size_t index) const;
  // The address of the primary that the route leads to; empty: nobody knows.
  std::string node_at(std::string_view route) const;
  // That primary has owed a reply for more than max_silence.
  bool is_silent(std::string_view route) const;
  // False: it is silent or away.
  bool answers(std::string_view route) const;
  std::string node_name(std::size_t index) const;

  // Asks for the topology soon. `done`: when an answer was taken, or the question has failed.
  void refresh_nodes(std::function<void()> done);

  base::timestamp now(std::string_view route, base::steady_time at) const;
  base::steady::duration clock_age(std::string_view route, base::steady_time at) const;

  client_status status() const;
  bool all_up() const;

  // As in client.
  void stop();
  // From now on neither the user nor the callback of a batch is called.
  void detach();

 private:
  struct flight {
    routed_batch batch;
    purpose what;
    std::vector<std::pair<std::weak_ptr<cluster_node>, ticket>> parts = {};
  };
  struct later_attempt {
    base::steady_time due;
    ticket id;
    routed_batch::index_list indexes;
  };

  // node_listener
  void on_node_up(cluster_node& node, bool again) override;
  void on_node_down(cluster_node& node) override;
  void on_node_failed(cluster_node& node, const base::error& problem) override;
  connection_user* user() noexcept override { return user_; }

  // Sending.
  void dispatch(ticket id, flight& which, const routed_batch::index_list& indexes);
  void send_to(const node_ptr& node, ticket id, flight& which, routed_batch::index_list indexes, bool asking);
  void came_back(const node_ptr& node, ticket id, const routed_batch::index_list& indexes,
                 std::unique_ptr<reply_batch> part);
  bool may_go_elsewhere(const cluster_node& node, const flight& which, std::uint32_t first) const;
  void follow(const cluster_node& from, ticket id, flight& which, routed_batch::next_step& step);
  void complete(ticket id);
  void complete_soon(ticket id);
  void settle(ticket id, flight& which, const routed_batch::index_list& indexes, std::int32_t kind,
              const std::string& why);

  // Nodes.
  node_ptr node_with(const config::server_address& address);
  node_ptr owner_of(std::uint16_t slot);
  const cluster_node* known_owner(std::string_view route) const;
  void follow_topology();
  void retire(const node_ptr& node);
  void release_soon(const node_ptr& node);

  // The topology.
  void request_refresh();
  void refresh(base::steady_time now);
  node_ptr some_node_that_is_up();
  void begin_at_next_seed();
  void ask(const node_ptr& node);
  void learn(const node_ptr& node, const reply_batch& answers);
  base::result<std::vector<slot_range>> read_topology(const cluster_node& node,
                                                      const scanhost_reply& reply) const;
  void take_topology(const std::vector<slot_range>& ranges);
  void fail_refresh(const base::error& problem, std::int32_t outcome);
  void end_refresh(bool answered);
  void end_waiting(std::int32_t kind, const std::string& why);

  // Silence: what a node does that was stopped while its connection stays.
  static bool is_silent(const cluster_node& node, base::steady_time now);
  bool some_node_is_silent(base::steady_time now) const;
  void watch_silence();
  void check_silence(base::steady_time now);
  void give_up_question(base::steady_time now);

  // One timer for all that is due later.
  void arm();
  void on_timer();
  void expire_waiting(base::steady_time now);
  void try_later_ones(base::steady_time now);

  boost::asio::io_context& context_;
  const config::store_settings settings_;
  const std::string name_;
  const server_identity server_;
  connection_user* user_;
  bool stopped_ = false;

  topology topology_;
  std::vector<std::string> tags_;  // of the primaries: node_route
  key_positions keys_;
  refresh_schedule schedule_;
  std::vector<std::function<void()>> refresh_waiters_;
  bool asks_slots_ = false;  // the servers do not know CLUSTER SHARDS
  std::string last_error_;   // of a refresh, until the next one succeeds
  bool outage_reported_ = false;
  std::weak_ptr<cluster_node> asked_;  // for the topology
  std::uint64_t question_ = 0;         // the last one; answers to others come too late

  std::map<std::string, node_ptr> nodes_;  // by "host:port"
  std::vector<node_ptr> owners_;           // by index in the topology; null: not needed so far
  node_ptr seed_;                          // while no other node can be asked
  std::vector<node_ptr> leaving_;
  std::size_t next_seed_ = 0;
  std::size_t next_asked_ = 0;
  std::uint64_t reconnects_ = 0;

  std::unordered_map<ticket, flight> flights_;
  std::vector<ticket> waiting_;  // for the topology, oldest first
  std::vector<later_attempt> later_;
  std::vector<scanhost_command> scratch_;

  std::optional<base::steady_time> silence_check_;  // none: no node owes a reply
  bool silence_shown_ = false;

  boost::asio::steady_timer timer_;
  std::optional<base::steady_time> armed_;
  std::minstd_rand random_;
};

}  // namespace scanhost::store
