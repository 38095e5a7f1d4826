// SPDX-License-Identifier: Apache-2.0
//
// Parses the URL of the store, the addresses of its servers, and the address that the admin server listens
// on. Pure. Errors have the code `config` and say how to write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace scanhost::config {

inline constexpr std::uint32_t max_database = 65'535;

struct store_address {
  std::string host;
  std::optional<std::uint16_t> port;
  std::string socket_path;  // not empty: a Unix socket
  bool tls = false;
  std::optional<std::uint32_t> database;
};

// valkey://host[:port][/database], also redis://; valkeys:// and rediss:// for TLS; unix:///path. Whatever
// else a URL may have (user, password, query, fragment, percent escapes, control characters) is refused, so
// that a URL that was taken holds no secret and may be shown. The error never repeats what might be a
// password.
base::result<store_address> parse_store_url(std::string_view url);

struct host_address {
  std::string host;  // a name or a literal IP address, the latter without brackets
  std::optional<std::uint16_t> port;
};

// "host", "host:port", "[::1]:port". The error never repeats what might be a password.
base::result<host_address> parse_host_address(std::string_view text);

struct listen_address {
  bool enabled = true;
  std::string address;  // a literal IP address
  std::uint16_t port = 0;
  bool loopback = true;
};

// "address:port" with a literal IP address ([::1]:9464) or localhost, or "none".
base::result<listen_address> parse_listen(std::string_view text);

// A literal IPv4 or IPv6 address, the latter without brackets.
bool literal_ip(std::string_view address);

// Looks like a host name, or is a literal IP address.
bool is_host(std::string_view text);

}  // namespace scanhost::config
