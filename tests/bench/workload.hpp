// SPDX-License-Identifier: Apache-2.0
//
// Delayed executions as wide as real ones, for the benchmark. A client is a raw_client, or raw_nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/raw_client.hpp"

namespace scanhost::bench {

constexpr std::size_t flow_partitions = 256;

std::string partition_tag(std::size_t partition);
std::string execution_id(std::size_t number);  // spread evenly over the partitions
std::string core_key(const std::string& id);
std::string lane_key(std::size_t partition, const char* index);

// Writes item `number` with all fields, due at `due_ms`: appends commands_per_item commands and reads
// nothing.
constexpr std::size_t commands_per_item = 2;
template <class Client>
void append_delayed(Client& client, std::size_t number, std::int64_t now_ms, std::int64_t due_ms);

// `count` items, item i due at due_ms(i).
template <class Client, class Due>
void seed_delayed(Client& client, std::size_t count, std::int64_t now_ms, Due due_ms) {
  constexpr std::size_t window = 2000;
  std::size_t pending = 0;
  for (std::size_t i = 0; i < count; ++i) {
    append_delayed(client, i, now_ms, due_ms(i));
    pending += commands_per_item;
    if (pending >= window) {
      client.drain(pending);
      pending = 0;
    }
  }
  client.drain(pending);
}

// How many items were promoted: the sizes of all `eligible` indexes.
template <class Client>
std::size_t count_promoted(Client& client);

}  // namespace scanhost::bench
