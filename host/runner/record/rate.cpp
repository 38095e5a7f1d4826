// SPDX-License-Identifier: Apache-2.0
#include "runner/record/rate.hpp"

namespace scanhost::runner {

namespace {

std::chrono::duration<double> since_epoch(base::steady_time now) noexcept { return now.time_since_epoch(); }
std::int64_t second_of(base::steady_time now) noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

}  // namespace

void rate::add(std::uint64_t events, base::steady_time now) noexcept {
  const auto second = second_of(now);
  auto& slot = seconds_[static_cast<std::size_t>(second % (window + 1))];
  if (slot.second != second) slot = {second, 0};
  slot.events += events;
}

double rate::per_second(base::steady_time now) const noexcept {
  const auto second = second_of(now);
  std::uint64_t sum = 0;
  for (const auto& slot : seconds_)
    if (slot.second >= 0 && slot.second >= second - window) sum += slot.events;
  return static_cast<double>(sum) / (window + since_epoch(now).count() - static_cast<double>(second));
}

}  // namespace scanhost::runner
