// SPDX-License-Identifier: Apache-2.0
//
// What people learn of the items that fail: plain values, copied under a lock, read by admin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace scanhost::runner {

struct failing_item {
  std::string scanner;
  std::string partition;  // its tag; empty: it is in none
  std::string item;
  std::uint64_t times = 0;                  // that it failed since it was handled well, or first seen
  base::timestamp since{};                  // the first of these failures
  base::timestamp latest{};                 // the last
  std::string message;                      // of the last
  std::uint64_t cycles_left = 0;            // until the cycle that tries it again; 0: it is not in back-off
  std::optional<base::timestamp> next_try;  // none: its scanner starts no cycle at present
};

struct failure_list {
  std::vector<failing_item> items;
  std::uint64_t left_out = 0;  // items that are known beside these
};

// What a retry came across.
struct retried_items {
  std::uint64_t failing = 0;   // that were asked for
  std::uint64_t released = 0;  // those of them that were in back-off
};

}  // namespace scanhost::runner
