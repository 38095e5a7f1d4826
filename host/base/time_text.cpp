// SPDX-License-Identifier: Apache-2.0
#include "base/time_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace scanhost::base {
namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

}  // namespace

std::string utc_text(timestamp at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  if (seconds < 0 || seconds > last_second) return "-";
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

timestamp system_now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

}  // namespace scanhost::base
