// SPDX-License-Identifier: Apache-2.0
#include "config/addresses.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

constexpr std::string_view separator = "://";

template <class Number>
std::optional<Number> to_number(std::string_view digits) {
  Number value{};
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = problem == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(value) : std::nullopt;
}

bool name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}

bool host_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), name_character);
}

struct host_and_port {
  std::string host;  // without brackets
  std::optional<std::string_view> port;
};

// Splits "host", "host:port", "[::1]:port"; the error names the fault.
boost::system::result<host_and_port, fault> split_authority(std::string_view text) {
  host_and_port parts;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return fault{"the bracket of the IPv6 address is not closed"};
    parts.host = text.substr(1, end - 1);
    if (parts.host.find(':') == std::string::npos || !literal_ip(parts.host))
      return fault{in_quotes(parts.host) + " is not an IPv6 address"};
    text.remove_prefix(end + 1);
    if (text.empty()) return parts;
    if (!text.starts_with(':')) return fault{"after the bracket only :port may follow"};
    parts.port = text.substr(1);
    return parts;
  }
  const auto colon = text.find(':');
  if (colon != text.rfind(':')) return fault{"an IPv6 address needs brackets, as in [::1]:6379"};
  parts.host = text.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = text.substr(colon + 1);
  return parts;
}

boost::system::result<store_address, fault> parse_unix(std::string_view path) {
  store_address address;
  if (!path.starts_with('/'))
    return fault{"a Unix socket needs an absolute path, as in unix:///run/valkey.sock"};
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return fault{"the path of the Unix socket is longer than " +
                 std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes"};
  address.socket_path = path;
  return address;
}

std::optional<std::string> read_database(std::string_view path, store_address& address) {
  if (path.empty() || path == "/") return {};
  address.database = to_number<std::uint32_t>(path.substr(1));
  if (address.database) return {};
  return "the path " + in_quotes(path) + " is not a database number; write /0, /1, ... or nothing";
}

boost::system::result<store_address, fault> parse_tcp(std::string_view rest, bool tls) {
  // Before anything is quoted: what stands before an @ may be a password.
  if (rest.find('@') != std::string_view::npos)
    return fault{std::string(
        "user and password do not belong in the URL; use the keys username and password_file or password_env")};
  if (rest.find_first_of("?#") != std::string_view::npos)
    return fault{
        std::string("'?' and '#' have no meaning in the URL; the store's other settings are keys beside it")};
  store_address address;
  address.tls = tls;
  const auto slash = rest.find('/');
  const auto parts = split_authority(rest.substr(0, slash));
  if (!parts) return parts.error();
  const bool ipv6 = parts->host.find(':') != std::string::npos;
  if (!ipv6 && !host_name(parts->host))
    return fault{parts->host.empty()
                     ? std::string("the host is missing; write one, as in valkey://127.0.0.1:6379")
                     : in_quotes(parts->host) + " is not a host name"};
  address.host = parts->host;
  if (parts->port) {
    const auto port = to_number<std::uint16_t>(*parts->port);
    if (!port || *port == 0)
      return fault{"the port " + in_quotes(*parts->port) + " is not a number from 1 to 65535"};
    address.port = *port;
  }
  if (slash == std::string_view::npos) return address;
  if (auto problem = read_database(rest.substr(slash), address)) return fault{std::move(*problem)};
  return address;
}

}  // namespace

bool literal_ip(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));  // a zone, as in fe80::1%eth0
  in_addr four{};
  in6_addr six{};
  return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 ||
         (text.size() == address.size() && ::inet_pton(AF_INET, text.c_str(), &four) == 1);
}

boost::system::result<store_address, fault> parse_store_url(std::string_view url) {
  const auto found = url.find(separator);
  if (found == std::string_view::npos)
    return fault{
        std::string("it is not a URL; write one as valkey://127.0.0.1:6379 or unix:///run/valkey.sock")};
  const auto scheme = url.substr(0, found);
  const auto rest = url.substr(found + separator.size());
  if (scheme == "unix") return parse_unix(rest);
  if (scheme == "valkey" || scheme == "redis") return parse_tcp(rest, false);
  if (scheme == "valkeys" || scheme == "rediss") return parse_tcp(rest, true);
  return fault{"the scheme " + in_quotes(scheme) + " is unknown; " +
               suggestion(scheme, {"valkey", "valkeys", "redis", "rediss", "unix"}, "the schemes are")};
}

boost::system::result<listen_address, fault> parse_listen(std::string_view text) {
  listen_address listen;
  if (text == "none") {
    listen.enabled = false;
    return listen;
  }
  const auto parts = split_authority(text);
  if (!parts) return parts.error();
  if (!parts->port && to_number<std::uint16_t>(text))
    return fault{in_quotes(text) + " is a port alone; write 127.0.0.1:" + std::string(text) +
                 ", or 0.0.0.0:" + std::string(text) + " to listen on every interface"};
  if (!parts->port)
    return fault{in_quotes(text) + " has no port; write address:port, as in 127.0.0.1:9464, or none"};
  const auto port = to_number<std::uint16_t>(*parts->port);
  if (!port) return fault{"the port " + in_quotes(*parts->port) + " is not a number from 0 to 65535"};
  listen.port = *port;
  listen.address = parts->host == "localhost" ? "127.0.0.1" : parts->host;
  if (listen.address.empty())
    return fault{in_quotes(text) + " has no address; write 127.0.0.1" + std::string(text) + ", or 0.0.0.0" +
                 std::string(text) + " to listen on every interface"};
  if (!literal_ip(listen.address))
    return fault{in_quotes(listen.address) +
                 " is not an IP address; write one, as in 127.0.0.1, or localhost"};
  listen.loopback = listen.address.starts_with("127.") || listen.address == "::1";
  return listen;
}

}  // namespace scanhost::config
