// SPDX-License-Identifier: Apache-2.0
//
// The bare client of a place: of its server, or of the primaries of its cluster. There each command goes to
// the node of its key, the commands of all nodes are sent before the first reply is read, and replies come in
// the order of the commands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "bench/measure.hpp"
#include "bench/raw_client.hpp"
#include "scanhost/slots.hpp"

namespace scanhost::bench {

class raw_nodes {
 public:
  explicit raw_nodes(const place& where);

  // Queues a command, whose first key is its second word, or its fourth for FCALL.
  void append(const std::vector<std::string_view>& args);
  reply_ptr read();
  void drain(std::size_t count);  // throws on an error reply among them

  // One command to every node. Throws on an error reply.
  void call_each(const std::vector<std::string_view>& args);
  // Asks every node for its time, as a scanner does in each cycle; that of the first.
  std::int64_t time_ms();

 private:
  void learn_slots();
  std::size_t node_of(const std::vector<std::string_view>& args) const;

  std::vector<raw_client> nodes_;
  std::array<std::uint8_t, slot_count> node_of_slot_{};
  std::deque<std::size_t> awaited_;  // the nodes of the replies that are still to come; with one node unused
  bool sent_ = true;
};

}  // namespace scanhost::bench
