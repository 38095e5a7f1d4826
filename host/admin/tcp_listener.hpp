// SPDX-License-Identifier: Apache-2.0
//
// The TCP port of the page and the metrics.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace scanhost::admin {

struct tcp_listener {
  base::unique_fd fd;      // listening
  std::uint16_t port = 0;  // which the system chose if it was asked for port 0

  // `address`: a literal IP address.
  static base::result<tcp_listener> open(const std::string& address, std::uint16_t port);
};

}  // namespace scanhost::admin
