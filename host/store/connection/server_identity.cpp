// SPDX-License-Identifier: Apache-2.0
#include "store/connection/server_identity.hpp"

#include <fmt/format.h>

#include <charconv>

namespace scanhost::store {
namespace {

constexpr int min_major_version = 7;

// The value of a line `name:value`; empty: there is none.
std::string_view value_of(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const auto end = info.find('\n');
    auto line = info.substr(0, end);
    info = end == std::string_view::npos ? std::string_view() : info.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':'))
      return line.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

// Valkey tells the version of Redis that it is compatible with, too.
server_identity identity_of(std::string_view info) {
  server_identity identity;
  identity.version = value_of(info, "valkey_version");
  identity.name = identity.version.empty() ? "redis" : "valkey";
  if (identity.version.empty()) identity.version = value_of(info, "redis_version");
  if (identity.version.empty()) return {};
  const auto mode = value_of(info, "server_mode");
  identity.cluster = (mode.empty() ? value_of(info, "redis_mode") : mode) == "cluster";
  return identity;
}

std::optional<std::string> primary_of_replica(std::string_view info) {
  if (value_of(info, "role") != "slave") return std::nullopt;
  return fmt::format("{}:{}", value_of(info, "master_host"), value_of(info, "master_port"));
}

base::result<void> require_supported(const server_identity& server) {
  int major = min_major_version;  // where the version is no number
  std::from_chars(server.version.data(), server.version.data() + server.version.size(), major);
  if (major >= min_major_version) return {};
  return base::fail(
      base::errc::missing,
      fmt::format(
          "the server says that it is {} {}, which has no functions (FUNCTION, FCALL); use Redis 7.0 or newer, or Valkey",
          server.name, server.version));
}

}  // namespace scanhost::store
