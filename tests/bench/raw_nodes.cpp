// SPDX-License-Identifier: Apache-2.0
#include "bench/raw_nodes.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>

namespace scanhost::bench {

raw_nodes::raw_nodes(const place& where) {
  if (where.ports.empty()) {
    nodes_.emplace_back(where.socket_path);
    return;
  }
  for (const auto port : where.ports) nodes_.emplace_back(port);
  learn_slots();
}

void raw_nodes::learn_slots() {
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    const auto own = nodes_[node].call({"CLUSTER", "MYID"});
    const std::string_view id(own->str, own->len);
    const auto ranges = nodes_[node].call({"CLUSTER", "SLOTS"});
    for (const auto* range : std::span(ranges->element, ranges->elements)) {
      const auto* primary = range->element[2]->element[2];
      if (std::string_view(primary->str, primary->len) != id) continue;
      for (auto slot = range->element[0]->integer; slot <= range->element[1]->integer; ++slot)
        node_of_slot_.at(static_cast<std::size_t>(slot)) = static_cast<std::uint8_t>(node);
    }
  }
}

std::size_t raw_nodes::node_of(const std::vector<std::string_view>& args) const {
  return node_of_slot_[slot_of(args.at(args.front() == "FCALL" ? 3 : 1))];
}

void raw_nodes::append(const std::vector<std::string_view>& args) {
  if (nodes_.size() == 1) return nodes_.front().append(args);
  const auto node = node_of(args);
  nodes_[node].append(args);
  awaited_.push_back(node);
  sent_ = false;
}

reply_ptr raw_nodes::read() {
  if (nodes_.size() == 1) return nodes_.front().read();
  if (!sent_) std::ranges::for_each(nodes_, &raw_client::send);
  sent_ = true;
  const auto node = awaited_.front();
  awaited_.pop_front();
  return nodes_[node].read();
}

void raw_nodes::drain(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (const auto reply = read(); reply->type == REDIS_REPLY_ERROR)
      throw std::runtime_error(std::string(reply->str, reply->len));
}

void raw_nodes::call_each(const std::vector<std::string_view>& args) {
  for (auto& node : nodes_) node.call(args);
}

std::int64_t raw_nodes::time_ms() {
  for (auto& node : nodes_) {
    node.append({"TIME"});
    node.send();
  }
  std::vector<std::int64_t> times;
  for (auto& node : nodes_) times.push_back(to_ms(*node.read()));
  return times.front();
}

}  // namespace scanhost::bench
