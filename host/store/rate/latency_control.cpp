// SPDX-License-Identifier: Apache-2.0
#include "store/rate/latency_control.hpp"

#include <algorithm>

namespace scanhost::store {
namespace {

constexpr std::size_t min_measurements = latency_window::size / 5;
constexpr double max_fall = 0.5;  // of the limit, in one window
constexpr double min_fall = 0.9;  // even if the latency is hardly above the target
constexpr double min_rise = 0.05;
constexpr double max_rise = 0.25;
constexpr double headroom = 1.5;  // of the limit above what was sent
constexpr std::chrono::seconds max_gap{1};

}  // namespace

latency_control::latency_control(const config::rate_settings& settings) noexcept
    : target_(*settings.target_latency),
      min_(static_cast<double>(settings.min())),
      max_(static_cast<double>(settings.max())),
      limit_(min_),
      rise_(max_rise) {}

void latency_control::note_use(std::size_t commands, bool waited) noexcept {
  sent_ += static_cast<double>(commands);
  is_needed_ = is_needed_ || waited;
}

void latency_control::add(std::chrono::microseconds latency, base::steady_time now) noexcept {
  if (now > last_ + max_gap) begin_window(now, 0);
  last_ = now;
  window_.add(latency);
  if (window_.count() < min_measurements) return;
  const auto sent = sent_per_s(now);
  const auto used = std::max(sent, sent_before_);  // a short window may lie between two pages of a scanner
  if (const auto kept = window_.latency(); kept > target_ && sent_ > 0) {
    rise_ = min_rise;
    const auto excess = static_cast<double>(target_.count()) / static_cast<double>(kept.count());
    limit_ = std::min(limit_, headroom * used) * std::clamp(excess, max_fall, min_fall);
  } else if (!window_.is_full()) {
    return;
  } else if (is_needed_) {
    limit_ = std::min(limit_ * (1 + rise_), std::max(limit_, headroom * used));
    rise_ = std::min(rise_ + min_rise, max_rise);
  }
  limit_ = std::clamp(limit_, min_, max_);
  begin_window(now, sent);
  sent_ = 0;
  is_needed_ = false;
}

void latency_control::begin_window(base::steady_time now, double sent_before) noexcept {
  window_.clear();
  began_ = now;
  sent_before_ = sent_before;
}

double latency_control::sent_per_s(base::steady_time now) const noexcept {
  return sent_ / std::chrono::duration<double>(now - began_).count();
}

}  // namespace scanhost::store
