// SPDX-License-Identifier: Apache-2.0
//
// What the host reports about its scanners (`scanhost ctl status --json`).
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

// The scanners in the host's document, whatever else a later host adds to it; none: it is not one.
std::optional<std::vector<scanner_status>> parse_status(std::string_view document);

// Whether each of so many scanners has begun its first cycle.
bool have_begun(const std::vector<scanner_status>& scanners, std::size_t count);

}  // namespace scanhost::demo
