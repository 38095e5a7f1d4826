// SPDX-License-Identifier: Apache-2.0
//
// The block of memory behind the table that a plugin sees: the table comes first, so that a pointer to it
// leads to the host. What a later minor would have there follows it.
#pragma once

#include "verify/watching_host.hpp"

namespace scanhost::verify {

inline constexpr std::size_t max_beyond = 256;

struct watching_host::block {
  block(watching_host* host, plugin::probe_host& from, std::size_t more);

  scanhost_host table{};
  std::byte beyond[max_beyond]{};
  scanhost_failures failures{};
  std::byte beyond_failures[max_beyond]{};
  scanhost_metrics metrics{};
  std::byte beyond_metrics[max_beyond]{};
  scanhost_blocking blocking{};
  std::byte beyond_blocking[max_beyond]{};
  watching_host* owner;
  const scanhost_host* settings;
};

}  // namespace scanhost::verify
