// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/schedule.hpp"

#include <algorithm>

#include "config/settings.hpp"

namespace scanhost::runner {

schedule::schedule(base::milliseconds interval, base::steady_time first_start) noexcept
    : interval_(std::max(interval, config::min_interval)), next_start_(first_start) {}

void schedule::bring_forward(base::steady_time now) noexcept { next_start_ = std::min(next_start_, now); }

base::milliseconds first_delay(std::size_t index, std::size_t count, base::milliseconds interval) noexcept {
  if (count == 0) return base::milliseconds{0};
  const auto span = std::min(interval, base::milliseconds{1000});
  return base::milliseconds{span.count() * static_cast<base::milliseconds::rep>(index % count) /
                            static_cast<base::milliseconds::rep>(count)};
}

}  // namespace scanhost::runner
