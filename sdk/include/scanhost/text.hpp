// SPDX-License-Identifier: Apache-2.0
//
// Between C++ text and time and their forms in the ABI.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "detail/language.hpp"
#include "types.h"

namespace scanhost::inline v1_0 {

using milliseconds = std::chrono::milliseconds;

// A moment of the store's clock: milliseconds since the Unix epoch.
using timestamp = std::chrono::sys_time<milliseconds>;

// Stores keep moments as milliseconds or as seconds, whole or with a fraction. A command takes neither a
// timestamp nor a duration: say which of the two it is.
inline timestamp from_ms(std::int64_t ms) noexcept { return timestamp(milliseconds(ms)); }
inline std::int64_t to_ms(timestamp time) noexcept { return time.time_since_epoch().count(); }
inline double to_seconds(timestamp time) noexcept { return static_cast<double>(to_ms(time)) / 1000; }

// Rounded up to a whole millisecond: what is due then was not due before. Moments beyond some 280,000 years
// are that far away; NaN is the epoch.
inline timestamp from_seconds(double seconds) noexcept {
  constexpr double farthest = 9.0e15;   // ms; exact in a double, as are all whole numbers below
  constexpr double imprecision = 1e-3;  // ms; more than a double of today's seconds is off
  if (std::isnan(seconds)) return timestamp{};
  const double ms = std::clamp(seconds * 1000, -farthest, farthest);
  return from_ms(static_cast<std::int64_t>(std::ceil(ms - imprecision)));
}

inline std::string_view view(scanhost_string text) noexcept {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline scanhost_string to_c(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace scanhost::inline v1_0
