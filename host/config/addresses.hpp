// SPDX-License-Identifier: Apache-2.0
//
// Where the store is and where the admin server listens, as written in YAML. Pure.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/fault.hpp"

namespace scanhost::config {

struct store_address {
  std::string host;
  std::uint16_t port = 6379;
  std::string socket_path;  // not empty: a Unix socket
  bool tls = false;
  std::optional<std::uint32_t> database;
};

// valkey://host[:port][/database], redis:// too; valkeys:// and rediss:// for TLS; unix:///path. The error
// says what is wrong and never repeats what might be a password.
boost::system::result<store_address, fault> parse_store_url(std::string_view url);

struct listen_address {
  bool enabled = true;
  std::string address;  // a literal IP address
  std::uint16_t port = 0;
  bool loopback = true;
};

// "address:port" with a literal IP address ([::1]:9464) or localhost, or "none".
boost::system::result<listen_address, fault> parse_listen(std::string_view text);

// A literal IPv4 or IPv6 address, the latter without brackets.
bool literal_ip(std::string_view address);

}  // namespace scanhost::config
