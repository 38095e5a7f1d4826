// SPDX-License-Identifier: Apache-2.0
//
// What the host says of its scanners (GET /status.json).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::demo {

struct scanner_status {
  std::string name;
  std::string plugin;
  std::string state;
  std::uint64_t cycles = 0;
  std::uint64_t processed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  std::optional<std::uint64_t> backlog;
  std::optional<std::int64_t> oldest_overdue_ms;
  double rate = 0;  // processed per second, lately
};

// The scanners in the host's document; none: it is not one.
std::optional<std::vector<scanner_status>> parse_status(std::string_view document);

}  // namespace scanhost::demo
