// SPDX-License-Identifier: Apache-2.0
//
// Between the control side and the threads of generations when one replaces another: the new one says when it
// is ready, and is held until the old one is gone; the old one may leave a state.
//
// Thread safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "runner/instance/plugin_state.hpp"

namespace scanhost::runner {

class gate {
 public:
  explicit gate(bool held) noexcept : held_(held) {}

  // --- control side

  // Waits for the new generation until `deadline`. Nothing: not yet.
  std::optional<base::result<void>> wait_ready(base::steady_time deadline) const;
  // It may begin, with the state that the old one left.
  void release(std::optional<plugin_state> state);
  // Asks the old one to leave a state. Before it is asked to stop.
  void request_state();
  std::optional<plugin_state> take_state();

  // --- the generation's thread

  bool held() const;
  void set_ready();
  void set_failed(base::error problem);  // counts only before set_ready()
  std::optional<plugin_state> take_inherited();
  bool state_requested() const;
  void leave(plugin_state state);

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool held_;
  bool state_requested_ = false;
  std::optional<base::result<void>> outcome_;
  std::optional<plugin_state> inherited_;
  std::optional<plugin_state> left_state_;
};

}  // namespace scanhost::runner
