// SPDX-License-Identifier: Apache-2.0
//
// The sliding window of a quota policy.
#pragma once

#include <cstdint>
#include <scanhost/text.hpp>

namespace ff {

// Entries up to this score, inclusive, have left a window of that many seconds. Not below 0, however long
// the window is.
inline scanhost::timestamp window_start(scanhost::timestamp now, std::uint64_t seconds) noexcept {
  const auto now_ms = static_cast<std::uint64_t>(scanhost::to_ms(now));
  if (seconds > now_ms / 1000) return scanhost::timestamp{};
  return scanhost::from_ms(static_cast<std::int64_t>(now_ms - seconds * 1000));
}

}  // namespace ff
