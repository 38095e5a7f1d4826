// SPDX-License-Identifier: Apache-2.0
//
// One GET of the host's page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost::demo {

struct endpoint {
  std::string address;  // IPv4
  std::uint16_t port = 0;

  std::string text() const { return address + ":" + std::to_string(port); }
};

// Reads ADDR:PORT; none: it is not one.
std::optional<endpoint> parse_endpoint(std::string_view text);

// A port of 127.0.0.1 that is free now.
endpoint free_endpoint();  // throws problem

struct http_answer {
  int status = 0;
  std::string body;
};

// The answer; none: nobody there, or nothing sensible within two seconds.
std::optional<http_answer> get(const endpoint& where, std::string_view path);

// The answer's parts, out of what was received; none: it is not HTTP or not whole.
std::optional<http_answer> parse_http(std::string_view received);

}  // namespace scanhost::demo
