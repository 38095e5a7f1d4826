// SPDX-License-Identifier: Apache-2.0
#include "runner/generation/gate.hpp"

#include <utility>

namespace scanhost::runner {

std::optional<base::result<void>> gate::wait_ready(base::steady_time deadline) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return outcome_.has_value(); });
  return outcome_;
}

void gate::release(std::optional<plugin_state> state) {
  const std::lock_guard lock(mutex_);
  inherited_ = std::move(state);
  held_ = false;
}

void gate::request_state() {
  const std::lock_guard lock(mutex_);
  state_requested_ = true;
}

std::optional<plugin_state> gate::take_state() {
  const std::lock_guard lock(mutex_);
  return std::exchange(left_state_, std::nullopt);
}

bool gate::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

void gate::set_ready() {
  const std::lock_guard lock(mutex_);
  if (!outcome_) outcome_.emplace();
  changed_.notify_all();
}

void gate::set_failed(base::error problem) {
  const std::lock_guard lock(mutex_);
  if (!outcome_) outcome_.emplace(std::move(problem));
  changed_.notify_all();
}

std::optional<plugin_state> gate::take_inherited() {
  const std::lock_guard lock(mutex_);
  return std::exchange(inherited_, std::nullopt);
}

bool gate::state_requested() const {
  const std::lock_guard lock(mutex_);
  return state_requested_;
}

void gate::leave(plugin_state state) {
  const std::lock_guard lock(mutex_);
  left_state_ = std::move(state);
}

}  // namespace scanhost::runner
