// SPDX-License-Identifier: Apache-2.0
//
// A real cluster on ports of 127.0.0.1: primaries that share the slots, and replicas of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/private_server.hpp"

namespace scanhost::test_support {

struct cluster_options {
  std::size_t primaries = 3;
  std::size_t replicas_of_each = 0;
  std::vector<std::string> arguments = {};  // further arguments of every node's command line
  // A node's further arguments, for ports that it listens on with TLS; null: none.
  std::vector<std::string> (*arguments_of)(std::uint16_t tls_port, const std::string& folder) = nullptr;
  std::string folder = {};  // of the certificates
};

class private_cluster {
 public:
  // Returns when every node sees the whole cluster. Throws std::runtime_error if it does not within 30 s.
  explicit private_cluster(cluster_options options = {});

  // One for the whole process, emptied: three primaries with a replica each.
  static private_cluster& shared();

  // The primaries of the beginning come first, then their replicas in the same order.
  private_server& node(std::size_t index) { return *nodes_[index]; }
  std::size_t size() const noexcept { return nodes_.size(); }
  std::uint16_t tls_port(std::size_t index) const { return tls_ports_[index]; }
  std::uint16_t public_port(std::size_t index) const;  // the one that the nodes tell
  std::string id_of(std::size_t index);

  // The index of the node that serves the slot.
  std::size_t owner_of(std::uint16_t slot);

  // Sends a command to the node that serves its key, wherever that is; an error reply is an answer.
  answer call(const std::vector<std::string>& args);
  // To all primaries; the first answer that is an error, else the last.
  answer call_all(const std::vector<std::string>& args);

  // As a single server would answer: what is about no key is said to all primaries, and added up.
  answer call_as_one(const std::vector<std::string>& args);

  // The slot is on its way: ASK for its keys that are not at its owner any more.
  void begin_migration(std::uint16_t slot, std::size_t to);
  // Moves the keys, tells everyone, and waits until all agree. Without a begin_migration before, it begins
  // first.
  void move_slot(std::uint16_t slot, std::size_t to);
  void move_key(const std::string& key, std::size_t to);  // during a migration

  // Until every node that runs says that the cluster is fine. Throws after 30 s.
  void wait_until_ok();
  // Until all nodes agree that others serve the slots of this one.
  void wait_until_replaced(std::size_t index);

 private:
  void start_nodes();
  void join();
  void replicate();
  bool is_ok(std::size_t index);
  bool is_port_of(std::int64_t port, std::size_t index) const;
  bool all_see(std::uint16_t slot, std::size_t owner);

  cluster_options options_;
  std::vector<std::unique_ptr<private_server>> nodes_;
  std::vector<std::uint16_t> tls_ports_;
};

}  // namespace scanhost::test_support
