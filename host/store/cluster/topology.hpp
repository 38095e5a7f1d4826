// SPDX-License-Identifier: Apache-2.0
//
// Which primary of a cluster serves which slot, as far as is known. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "scanhost/slots.hpp"
#include "store/cluster/cluster_replies.hpp"

namespace scanhost::store {

class topology {
 public:
  topology() { owners_.fill(nobody); }

  // Nothing was learnt so far.
  bool empty() const noexcept { return primaries_.empty(); }

  // What a node says about the whole cluster. True: something has changed.
  bool replace(const std::vector<slot_range>& ranges);

  // What a node says about one slot. True: that is news.
  bool move(std::uint16_t slot, const config::server_address& primary);

  // In the order of their lowest slots, behind them those that a `move` has brought since `replace`.
  const std::vector<config::server_address>& primaries() const noexcept { return primaries_; }

  // The index of the primary that serves the slot. None: nobody does.
  std::optional<std::size_t> owner(std::uint16_t slot) const noexcept;

  // Slots that nobody serves.
  std::size_t unserved() const noexcept;

  // A hash tag whose slot is one of those that this primary serves, for commands that are about the server
  // and not about a key. From the middle of its slots, since the ends move first. Empty: it serves none.
  std::string tag_of(std::size_t primary) const;

 private:
  static constexpr std::uint16_t nobody = 0xffff;

  std::uint16_t index_of(const config::server_address& primary);

  std::vector<config::server_address> primaries_;
  std::array<std::uint16_t, slot_count> owners_;
};

// "{5}": some hash tag that lies in this slot.
std::string tag_in_slot(std::uint16_t slot);

}  // namespace scanhost::store
