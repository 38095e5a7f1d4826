// SPDX-License-Identifier: Apache-2.0
//
// Starting a cluster, moving its slots.
#include "support/private_cluster.hpp"

#include <chrono>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace scanhost::test_support {
namespace {

constexpr std::size_t all_slots = 16'384;
constexpr std::chrono::seconds cluster_patience{30};

void wait_for(const std::function<bool()>& so, const char* what) {
  const auto end = std::chrono::steady_clock::now() + cluster_patience;
  while (!so()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(what);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void require_ok(const answer& reply, const std::string& what) {
  if (reply.what == answer::kind::error) throw std::runtime_error(what + ": " + reply.text);
}

// The config epoch of a node, from a line of CLUSTER NODES: id, address, flags, primary, ping, pong, epoch,
// ...
std::string epoch_in(const std::string& nodes, const std::string& id) {
  std::istringstream lines(nodes);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> fields(std::istream_iterator<std::string>(words), {});
    if (fields.size() > 6 && fields[0] == id) return fields[6];
  }
  return {};
}

// "MOVED 7 127.0.0.1:7001" -> 7001
std::uint16_t port_in(const std::string& redirect) {
  return static_cast<std::uint16_t>(std::stoul(redirect.substr(redirect.rfind(':') + 1)));
}

}  // namespace

private_cluster& private_cluster::shared() {
  static private_cluster cluster(cluster_options{.replicas_of_each = 1});
  cluster.call_all({"CLIENT", "UNPAUSE"});
  cluster.call_all({"FLUSHALL"});
  cluster.call_all({"FUNCTION", "FLUSH"});
  cluster.call_all({"SCRIPT", "FLUSH"});
  return cluster;
}

private_cluster::private_cluster(cluster_options options) : options_(std::move(options)) {
  start_nodes();
  join();
  if (options_.replicas_of_each > 0) replicate();
  wait_until_ok();
}

void private_cluster::start_nodes() {
  const auto count = options_.primaries * (1 + options_.replicas_of_each);
  for (std::size_t i = 0; i < count; ++i) {
    tls_ports_.push_back(options_.arguments_of == nullptr ? std::uint16_t{0} : free_port());
    std::vector<std::string> arguments{
        "--cluster-enabled",          "yes",   "--cluster-node-timeout", "1000",
        "--cluster-config-file",      "nodes", "--cluster-port",         std::to_string(free_port()),
        "--repl-diskless-sync-delay", "0"};
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    if (options_.arguments_of != nullptr)
      for (auto& more : options_.arguments_of(tls_ports_.back(), options_.folder))
        arguments.push_back(std::move(more));
    nodes_.push_back(std::make_unique<private_server>(server_options{.tcp = true,
                                                                     .append_only = false,
                                                                     .arguments = std::move(arguments),
                                                                     .password = {},
                                                                     .alone = true}));
  }
}

void private_cluster::join() {
  for (std::size_t i = 0; i < options_.primaries; ++i) {
    const auto first = i * all_slots / options_.primaries;
    const auto last = (i + 1) * all_slots / options_.primaries - 1;
    require_ok(node(i).call({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)}),
               "ADDSLOTSRANGE");
    require_ok(node(i).call({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)}), "SET-CONFIG-EPOCH");
  }
  for (std::size_t i = 1; i < size(); ++i) {
    const auto bus = node(i).call({"CONFIG", "GET", "cluster-port"}).elements.at(1).text;
    require_ok(node(0).call({"CLUSTER", "MEET", "127.0.0.1", std::to_string(public_port(i)), bus}), "MEET");
  }
  wait_for(
      [&] {
        for (auto& each : nodes_)
          if (each->call({"CLUSTER", "INFO"}).text.find("cluster_known_nodes:" + std::to_string(size())) ==
              std::string::npos)
            return false;
        return true;
      },
      "the nodes of the test's cluster did not find each other");
}

void private_cluster::replicate() {
  for (auto i = options_.primaries; i < size(); ++i) {
    const auto id = id_of(i % options_.primaries);
    wait_for(
        [&] {
          return node(i).call({"CLUSTER", "REPLICATE", id}).what != answer::kind::error;
        },
        "a node of the test's cluster did not become a replica");
  }
  for (auto i = options_.primaries; i < size(); ++i)
    wait_for(
        [&] {
          return node(i).call({"INFO", "replication"}).text.find("master_link_status:up") !=
                 std::string::npos;
        },
        "a replica of the test's cluster did not synchronize");
}

std::uint16_t private_cluster::public_port(std::size_t index) const {
  return tls_ports_[index] != 0 ? tls_ports_[index] : nodes_[index]->port();
}

// A client without TLS is told the port without it.
bool private_cluster::is_port_of(std::int64_t port, std::size_t index) const {
  return port == nodes_[index]->port() || port == public_port(index);
}

std::string private_cluster::id_of(std::size_t index) { return node(index).call({"CLUSTER", "MYID"}).text; }

bool private_cluster::is_ok(std::size_t index) {
  if (node(index).pid() < 0) return true;  // killed
  const auto info = node(index).call({"CLUSTER", "INFO"}).text;
  if (info.find("cluster_state:ok") == std::string::npos) return false;
  const auto shards = node(index).call({"CLUSTER", "SLOTS"});
  for (const auto& range : shards.elements)
    if (range.elements.size() < 3) return false;
  return info.find("cluster_slots_ok:16384") != std::string::npos;
}

void private_cluster::wait_until_replaced(std::size_t index) {
  wait_for(
      [&] {
        for (std::size_t i = 0; i < size(); ++i) {
          if (node(i).pid() < 0) continue;
          for (const auto& range : node(i).call({"CLUSTER", "SLOTS"}).elements)
            if (is_port_of(range.elements[2].elements[1].integer, index)) return false;
        }
        return true;
      },
      "no replica takes the place of a node of the test's cluster");
  wait_until_ok();
}

void private_cluster::wait_until_ok() {
  wait_for(
      [&] {
        for (std::size_t i = 0; i < size(); ++i)
          if (!is_ok(i)) return false;
        return true;
      },
      "the test's cluster does not become ready");
}

// Only what a node says of itself counts: the others may have old news.
std::size_t private_cluster::owner_of(std::uint16_t slot) {
  for (std::size_t i = 0; i < size(); ++i) {
    if (node(i).pid() < 0) continue;
    for (const auto& range : node(i).call({"CLUSTER", "SLOTS"}).elements)
      if (slot >= range.elements[0].integer && slot <= range.elements[1].integer &&
          is_port_of(range.elements[2].elements[1].integer, i))
        return i;
  }
  throw std::runtime_error("no node of the test's cluster serves the slot");
}

answer private_cluster::call(const std::vector<std::string>& args) {
  std::size_t at = 0;
  while (node(at).pid() < 0) ++at;
  auto reply = node(at).call(args);
  for (int hop = 0; hop < 3 && reply.what == answer::kind::error && reply.text.starts_with("MOVED "); ++hop) {
    const auto port = port_in(reply.text);
    for (std::size_t i = 0; i < size(); ++i)
      if (node(i).port() == port || tls_ports_[i] == port) at = i;
    reply = node(at).call(args);
  }
  return reply;
}

answer private_cluster::call_all(const std::vector<std::string>& args) {
  answer last;
  for (std::size_t i = 0; i < size(); ++i) {
    if (node(i).pid() < 0 || node(i).call({"ROLE"}).elements.at(0).text != "master") continue;
    last = node(i).call(args);
    if (last.what == answer::kind::error) return last;
  }
  return last;
}

answer private_cluster::call_as_one(const std::vector<std::string>& args) {
  static const std::set<std::string> about_servers{"FLUSHALL", "FLUSHDB", "FUNCTION", "SCRIPT",
                                                   "CONFIG",   "ACL",     "CLIENT",   "DBSIZE",
                                                   "INFO",     "KEYS",    "PING"};
  if (!about_servers.contains(args.front())) return call(args);
  answer sum;
  for (std::size_t i = 0; i < options_.primaries; ++i) {
    auto part = node(i).call(args);
    if (part.what == answer::kind::error) return part;
    part.integer += sum.integer;
    if (args.front() == "INFO") part.text = sum.text + part.text;
    if (args.front() == "KEYS")
      part.elements.insert(part.elements.end(), sum.elements.begin(), sum.elements.end());
    sum = std::move(part);
  }
  return sum;
}

void private_cluster::begin_migration(std::uint16_t slot, std::size_t to) {
  const auto from = owner_of(slot);
  const auto number = std::to_string(slot);
  require_ok(node(to).call({"CLUSTER", "SETSLOT", number, "IMPORTING", id_of(from)}), "IMPORTING");
  require_ok(node(from).call({"CLUSTER", "SETSLOT", number, "MIGRATING", id_of(to)}), "MIGRATING");
}

void private_cluster::move_key(const std::string& key, std::size_t to) {
  const auto slot = static_cast<std::uint16_t>(node(to).call({"CLUSTER", "KEYSLOT", key}).integer);
  require_ok(
      node(owner_of(slot)).call({"MIGRATE", "127.0.0.1", std::to_string(public_port(to)), key, "0", "5000"}),
      "MIGRATE");
}

void private_cluster::move_slot(std::uint16_t slot, std::size_t to) {
  const auto from = owner_of(slot);
  const auto number = std::to_string(slot);
  if (from == to) return;
  begin_migration(slot, to);
  for (;;) {
    const auto keys = node(from).call({"CLUSTER", "GETKEYSINSLOT", number, "100"});
    if (keys.elements.empty()) break;
    for (const auto& key : keys.elements) move_key(key.text, to);
  }
  const auto id = id_of(to);
  require_ok(node(to).call({"CLUSTER", "SETSLOT", number, "NODE", id}), "SETSLOT");
  require_ok(node(to).call({"CLUSTER", "BUMPEPOCH"}), "BUMPEPOCH");
  for (std::size_t i = 0; i < size(); ++i)
    if (i != to && node(i).pid() > 0 && node(i).call({"ROLE"}).elements.at(0).text == "master")
      require_ok(node(i).call({"CLUSTER", "SETSLOT", number, "NODE", id}), "SETSLOT");
  wait_for([&] { return all_see(slot, to); },
           "the nodes of the test's cluster do not agree who serves a slot");
}

// Old news of the former owner wins until a node knows the new one's epoch.
bool private_cluster::all_see(std::uint16_t slot, std::size_t owner) {
  const auto id = id_of(owner);
  const auto epoch = epoch_in(node(owner).call({"CLUSTER", "NODES"}).text, id);
  for (std::size_t i = 0; i < size(); ++i) {
    if (node(i).pid() < 0) continue;
    if (epoch_in(node(i).call({"CLUSTER", "NODES"}).text, id) != epoch) return false;
    for (const auto& range : node(i).call({"CLUSTER", "SLOTS"}).elements)
      if (slot >= range.elements[0].integer && slot <= range.elements[1].integer &&
          !is_port_of(range.elements[2].elements[1].integer, owner))
        return false;
  }
  return true;
}

}  // namespace scanhost::test_support
