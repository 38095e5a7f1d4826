// SPDX-License-Identifier: Apache-2.0
//
// The clock of a server: its last TIME plus the monotonic time since that reply arrived. The reply left the
// server before it arrived here, so this clock is never ahead of the server's. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "scanhost/types.h"

namespace scanhost::store {

// A TIME reply (seconds, microseconds) in whole ms, rounded down; nothing: it is not a TIME reply.
inline std::optional<base::timestamp> time_of(const scanhost_reply& reply) noexcept {
  const auto number = [&](std::size_t index) -> std::optional<std::int64_t> {
    const auto& text = reply.elements[index].text;
    std::int64_t value = 0;
    if (text.data == nullptr) return std::nullopt;
    const auto parsed = std::from_chars(text.data, text.data + text.size, value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data + text.size || value < 0) return std::nullopt;
    return value;
  };
  if (reply.kind != SCANHOST_REPLY_ARRAY || reply.element_count != 2) return std::nullopt;
  const auto seconds = number(0);
  const auto micros = number(1);
  if (!seconds || !micros || *seconds > INT64_MAX / 2000) return std::nullopt;
  return base::timestamp(base::milliseconds(*seconds * 1000 + *micros / 1000));
}

class node_clock {
 public:
  void observe(base::timestamp reading, base::steady_time arrived) noexcept {
    reading_ = reading;
    arrived_ = arrived;
  }

  // Zero before the first reading.
  base::timestamp now(base::steady_time at) const noexcept {
    if (!reading_) return base::timestamp{};
    return *reading_ + std::chrono::duration_cast<base::milliseconds>(at - arrived_);
  }

  // max() before the first reading. Exact, since it decides what came first.
  base::steady::duration age(base::steady_time at) const noexcept {
    return reading_ ? at - arrived_ : base::steady::duration::max();
  }

 private:
  std::optional<base::timestamp> reading_;
  base::steady_time arrived_{};
};

}  // namespace scanhost::store
