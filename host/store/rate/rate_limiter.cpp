// SPDX-License-Identifier: Apache-2.0
#include "store/rate/rate_limiter.hpp"

#include <algorithm>

namespace scanhost::store {
namespace {

using namespace std::chrono_literals;

constexpr base::steady::duration use_lasts = 1s;

// A few parts may be ahead of another client's command before it feels the target.
constexpr int parts_of_target = 8;

base::steady::duration part_for(const std::optional<std::chrono::microseconds>& target) {
  if (!target) return 10ms;
  return std::clamp<base::steady::duration>(*target / parts_of_target, 50us, 1ms);
}

}  // namespace

rate_limiter::rate_limiter(const config::rate_settings& settings)
    : target_(settings.target_latency),
      fixed_(static_cast<double>(settings.commands_per_s.value_or(0))),
      part_(part_for(target_)),
      burst_(target_ ? 2 * part_ : 100ms) {
  if (target_) control_.emplace(settings);
}

base::steady::duration rate_limiter::span_of(double commands) const noexcept {
  return std::chrono::duration_cast<base::steady::duration>(
      std::chrono::duration<double>(commands / limit()));
}

std::size_t rate_limiter::part_of(std::size_t count, base::steady_time now) const {
  const std::lock_guard lock(mutex_);
  const auto unused = std::clamp(now - next_, base::steady::duration(0), burst_);
  const auto span = target_ ? part_ : std::max(part_, unused);
  const auto commands = std::chrono::duration<double>(span).count() * limit();
  return std::clamp(static_cast<std::size_t>(commands), std::size_t{1}, count);
}

base::steady_time rate_limiter::reserve(std::size_t count, base::steady_time now) {
  const std::lock_guard lock(mutex_);
  const auto moment = std::max(next_, now - burst_);
  next_ = moment + span_of(static_cast<double>(count));
  used_ = now;
  if (control_) control_->note_use(count, moment > now);
  return moment;
}

void rate_limiter::take_latency(std::chrono::microseconds latency, base::steady_time now) {
  const std::lock_guard lock(mutex_);
  if (control_) control_->add(latency, now);
}

bool rate_limiter::is_in_use(base::steady_time now) const {
  const std::lock_guard lock(mutex_);
  return now < std::max(used_, next_) + use_lasts;
}

double rate_limiter::commands_per_s() const {
  const std::lock_guard lock(mutex_);
  return limit();
}

}  // namespace scanhost::store
