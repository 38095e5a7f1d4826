// SPDX-License-Identifier: Apache-2.0
#include "store/rate/latency_control.hpp"

#include <algorithm>

namespace scanhost::store {
namespace {

constexpr double max_fall = 0.5;  // of the limit, in one window
constexpr double min_fall = 0.9;  // even if the latency is hardly above the target
constexpr double first_rise = 1.25;
constexpr double later_rise = 1.05;

}  // namespace

latency_control::latency_control(const config::rate_settings& settings) noexcept
    : target_us_(static_cast<double>(settings.target_latency->count())),
      min_(static_cast<double>(settings.min())),
      max_(static_cast<double>(settings.max())),
      limit_(min_) {}

void latency_control::adapt(std::chrono::microseconds latency, bool was_needed) noexcept {
  const auto us = static_cast<double>(latency.count());
  if (us > target_us_) {
    has_fallen_ = true;
    limit_ *= std::clamp(target_us_ / us, max_fall, min_fall);
  } else if (was_needed) {
    limit_ *= has_fallen_ ? later_rise : first_rise;
  }
  limit_ = std::clamp(limit_, min_, max_);
}

}  // namespace scanhost::store
