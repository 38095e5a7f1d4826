// SPDX-License-Identifier: Apache-2.0
#include "config/addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/socket_path.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

constexpr std::string_view separator = "://";
constexpr auto max_port = std::numeric_limits<std::uint16_t>::max();

base::error bad_address(std::string message) { return base::fail(base::errc::config, std::move(message)); }

template <class Number>
std::optional<Number> to_number(std::string_view digits) {
  Number value{};
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = problem == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(value) : std::nullopt;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
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

// Splits "host", "host:port", "[::1]:port".
base::result<host_and_port> split_authority(std::string_view text) {
  host_and_port parts;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return bad_address("the bracket of the IPv6 address is not closed");
    parts.host = text.substr(1, end - 1);
    if (parts.host.find(':') == std::string::npos || !literal_ip(parts.host))
      return bad_address(fmt::format("{} is not an IPv6 address", in_quotes(parts.host)));
    text.remove_prefix(end + 1);
    if (text.empty()) return parts;
    if (!text.starts_with(':')) return bad_address("only :port may follow the closing bracket");
    parts.port = text.substr(1);
    return parts;
  }
  if (text.find(',') != std::string_view::npos)
    return bad_address("it is one address; several are a list, such as the one under store.addresses");
  const auto colon = text.find(':');
  if (colon != text.rfind(':')) return bad_address("an IPv6 address needs brackets, as in [::1]:6379");
  parts.host = text.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = text.substr(colon + 1);
  return parts;
}

// Parts that some clients understand and this one does not: ignored, they would surprise; shown, they might
// give a password away.
base::result<void> refuse_foreign_parts(std::string_view url) {
  if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }))
    return bad_address("the URL contains a control character; remove it");
  if (url.ends_with(' ')) return bad_address("the URL ends with a blank; remove it");
  if (url.find_first_of("?#") != std::string_view::npos)
    return bad_address(
        "'?' and '#' have no meaning in the URL; the other settings of the store have keys of their own, such as database and password_file");
  return {};
}

base::error user_in(std::string_view thing) {
  return bad_address(fmt::format(
      "user and password do not belong in the {}; use the keys username and password_file or password_env",
      thing));
}

base::result<store_address> parse_unix(std::string_view path) {
  store_address address;
  // A file's name may contain an @, but not after a colon: user:password@ may be meant.
  if (const auto at = path.rfind('@');
      at != std::string_view::npos && (!path.starts_with('/') || path.find(':') < at))
    return user_in("URL");
  if (!path.starts_with('/'))
    return bad_address("a Unix socket needs an absolute path, as in unix:///run/valkey.sock");
  if (path.ends_with('/'))
    return bad_address(
        "the path of the Unix socket ends with '/'; write that of the socket, as in unix:///run/valkey.sock");
  if (path.find('%') != std::string_view::npos)
    return bad_address(
        "percent escapes have no meaning in the URL; write the path of the Unix socket as it is");
  if (path.size() > base::max_socket_path)
    return bad_address(
        fmt::format("the path of the Unix socket is longer than {} bytes", base::max_socket_path));
  address.socket_path = path;
  return address;
}

base::result<void> read_database(std::string_view path, store_address& address) {
  if (path.empty() || path == "/") return {};
  const auto number = path.substr(1);
  if (!all_digits(number))
    return bad_address("the path is not a database number; write /0, /1, ... or nothing");
  address.database = to_number<std::uint32_t>(number);
  if (address.database && *address.database <= max_database) return {};
  return bad_address(
      fmt::format("the database {} is out of range; the range is 0 to {}", in_quotes(number), max_database));
}

// Checked before any part is quoted: the text before an @ may be a password.
base::result<void> refuse_user(std::string_view text, std::string_view thing) {
  if (text.find('@') != std::string_view::npos) return user_in(thing);
  if (text.find(' ') != std::string_view::npos)
    return bad_address(fmt::format("the {} contains a blank; remove it", thing));
  return {};
}

// `example`: for a host that is missing.
base::result<host_address> read_host_address(std::string_view text, std::string_view example) {
  const auto parts = split_authority(text);
  if (!parts) return parts.error();
  const bool ipv6 = parts->host.find(':') != std::string::npos;
  if (!ipv6 && !host_name(parts->host))
    return bad_address(parts->host.empty() ? fmt::format("the host is missing; write one, as in {}", example)
                                           : fmt::format("{} is not a host name", in_quotes(parts->host)));
  host_address address{parts->host, std::nullopt};
  if (!parts->port) return address;
  address.port = to_number<std::uint16_t>(*parts->port);
  if (!address.port || *address.port == 0)  // not repeated unless it is a number: user:password may be meant
    return bad_address(fmt::format("the port{} is not a number from 1 to {}",
                                   all_digits(*parts->port) ? " " + in_quotes(*parts->port) : "", max_port));
  return address;
}

base::result<store_address> parse_tcp(std::string_view rest, bool tls) {
  if (const auto bare = refuse_user(rest, "URL"); !bare) return bare.error();
  store_address address;
  address.tls = tls;
  const auto slash = rest.find('/');
  const auto server = read_host_address(rest.substr(0, slash), "valkey://127.0.0.1:6379");
  if (!server) return server.error();
  address.host = server->host;
  address.port = server->port;
  if (slash == std::string_view::npos) return address;
  if (const auto read = read_database(rest.substr(slash), address); !read) return read.error();
  return address;
}

}  // namespace

bool literal_ip(std::string_view address) {
  // What follows a null character would not be seen below.
  if (std::any_of(address.begin(), address.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
    return false;
  const std::string text(address.substr(0, address.find('%')));  // a zone, as in fe80::1%eth0
  in_addr four{};
  in6_addr six{};
  return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 ||
         (text.size() == address.size() && ::inet_pton(AF_INET, text.c_str(), &four) == 1);
}

bool is_host(std::string_view text) { return host_name(text) || literal_ip(text); }

base::result<store_address> parse_store_url(std::string_view url) {
  const auto found = url.find(separator);
  if (found == std::string_view::npos)
    return bad_address(
        "expected a URL such as valkey://127.0.0.1:6379 or unix:///run/valkey.sock, found no scheme");
  if (const auto own = refuse_foreign_parts(url); !own) return own.error();
  const auto scheme = url.substr(0, found);
  const auto rest = url.substr(found + separator.size());
  if (scheme == "unix") return parse_unix(rest);
  if (scheme == "valkey" || scheme == "redis") return parse_tcp(rest, false);
  if (scheme == "valkeys" || scheme == "rediss") return parse_tcp(rest, true);
  // What is no name may be a user and a password that were written before the scheme.
  if (!std::ranges::all_of(scheme, name_character))
    return bad_address("the URL has to begin with its scheme: valkey, valkeys, redis, rediss or unix");
  return bad_address(
      fmt::format("the scheme {} is unknown; {}", in_quotes(scheme),
                  suggestion(scheme, {"valkey", "valkeys", "redis", "rediss", "unix"}, "the schemes are")));
}

base::result<host_address> parse_host_address(std::string_view text) {
  if (const auto bare = refuse_user(text, "address"); !bare) return bare.error();
  if (text.find(separator) != std::string_view::npos)
    return bad_address(
        "expected host:port without a scheme, as in 10.0.0.7:6379; that of store.url holds for all");
  if (text.find('/') != std::string_view::npos)
    return bad_address("'/' has no meaning in an address; write host:port, as in 10.0.0.7:6379");
  return read_host_address(text, "10.0.0.7:6379");
}

base::result<listen_address> parse_listen(std::string_view text) {
  listen_address listen;
  if (text == "none") {
    listen.enabled = false;
    return listen;
  }
  const auto parts = split_authority(text);
  if (!parts) return parts.error();
  if (!parts->port && to_number<std::uint16_t>(text))
    return bad_address(
        fmt::format("{} is only a port; write 127.0.0.1:{}, or 0.0.0.0:{} to listen on every interface",
                    in_quotes(text), text, text));
  if (!parts->port)
    return bad_address(
        fmt::format("{} has no port; write address:port, as in 127.0.0.1:9464, or none", in_quotes(text)));
  const auto port = to_number<std::uint16_t>(*parts->port);
  if (!port)
    return bad_address(
        fmt::format("the port {} is not a number from 0 to {}", in_quotes(*parts->port), max_port));
  listen.port = *port;
  listen.address = parts->host == "localhost" ? "127.0.0.1" : parts->host;
  if (listen.address.empty())
    return bad_address(
        fmt::format("{} has no address; write 127.0.0.1{}, or 0.0.0.0{} to listen on every interface",
                    in_quotes(text), text, text));
  if (!literal_ip(listen.address))
    return bad_address(fmt::format("{} is not an IP address; write one, as in 127.0.0.1, or localhost",
                                   in_quotes(listen.address)));
  listen.loopback = listen.address.starts_with("127.") || listen.address == "::1";
  return listen;
}

}  // namespace scanhost::config
