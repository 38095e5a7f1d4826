// SPDX-License-Identifier: Apache-2.0
//
// Between C++ text and time and their forms in the ABI.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "types.h"

namespace scanhost {

using milliseconds = std::chrono::milliseconds;

// A moment of the store's clock: milliseconds since the Unix epoch.
using timestamp = std::chrono::sys_time<milliseconds>;

inline timestamp from_ms(std::int64_t ms) noexcept { return timestamp(milliseconds(ms)); }
inline std::int64_t to_ms(timestamp time) noexcept { return time.time_since_epoch().count(); }

inline std::string_view view(scanhost_string text) noexcept {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline scanhost_string to_c(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace scanhost
