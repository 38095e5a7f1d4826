// SPDX-License-Identifier: Apache-2.0
//
// What a scan returns.
#pragma once

#include <cstdint>
#include <optional>

#include "text.hpp"

namespace scanhost {

// What a scan found and did; see scanhost_result in scan.h.
struct result {
  std::uint64_t processed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t errors = 0;
  std::uint64_t skipped = 0;
  std::optional<timestamp> next_due = {};
  std::optional<timestamp> oldest_due = {};
  std::optional<std::uint64_t> backlog = {};
};

}  // namespace scanhost
