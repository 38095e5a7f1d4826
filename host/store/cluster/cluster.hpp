// SPDX-License-Identifier: Apache-2.0
//
// A cluster as one user sees it: the batches that are under way, in parts, at its nodes. The thin part around
// the pure ones: a routed batch says what to do with its parts that come back, a redirect what an error
// means.
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
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "store/cluster/cluster_nodes.hpp"
#include "store/cluster/routed_batch.hpp"
#include "store/connection/connection_user.hpp"

namespace scanhost::store {

// Owned by a shared_ptr, since callbacks of connections and timers refer to it weakly. Its user calls
// detach() before it goes.
class cluster final : private topology_user, public std::enable_shared_from_this<cluster> {
 public:
  cluster(boost::asio::io_context& context, const config::store_settings& settings, std::string name,
          const server_identity& server, connection_user& user);
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  // As in cluster_nodes.
  void start(std::shared_ptr<connection> first) { nodes_->start(std::move(first)); }

  cluster_nodes& nodes() noexcept { return *nodes_; }
  const cluster_nodes& nodes() const noexcept { return *nodes_; }

  // What a batch is for, besides its outcomes.
  enum class purpose { commands, clock };  // clock: one TIME, which sets the clock of the node that answers
  // `id`: not in use.
  void execute(ticket id, kept_commands commands, std::string_view route, purpose what, on_complete done);
  void cancel(ticket id);
  bool has_room(std::string_view route, std::size_t count) const;
  bool has_room(std::size_t count) const;  // at some node or other

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

  // topology_user
  void on_topology() override;
  void on_no_topology(std::int32_t kind, const std::string& why) override;

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

  // One timer for all that is due later.
  void arm();
  void on_timer();
  void expire_waiting(base::steady_time now);
  void try_later_ones(base::steady_time now);

  boost::asio::io_context& context_;
  const config::store_settings settings_;
  connection_user* user_;
  bool stopped_ = false;
  const std::shared_ptr<cluster_nodes> nodes_;

  std::unordered_map<ticket, flight> flights_;
  std::vector<ticket> waiting_;  // for the topology, oldest first
  std::vector<later_attempt> later_;
  std::vector<scanhost_command> scratch_;

  boost::asio::steady_timer timer_;
  std::optional<base::steady_time> armed_;
};

}  // namespace scanhost::store
