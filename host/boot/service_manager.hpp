// SPDX-License-Identifier: Apache-2.0
//
// What systemd, or another service manager with its protocol, learns from the host (sd_notify(3)): when it is
// ready, reloads and stops, a line of status, and that its control thread is alive. Without a manager that
// asks
// ($NOTIFY_SOCKET), nothing is sent. What cannot be sent is dropped: the manager decides what silence means.
//
// Threads: the control thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace scanhost::boot {

class service_manager {
 public:
  service_manager();

  // The scanners run, after the start or after a reload.
  void note_ready();
  void note_reloading();
  void note_stopping();

  // One line of plain text, for `systemctl status`. Sent when it has changed.
  void set_status(std::string_view text);

  // To be called often by the loop of the control thread; sends the keep-alive twice in each span of the
  // manager's watchdog ($WATCHDOG_USEC), if it has one.
  void keep_alive(base::steady_time now);

 private:
  base::milliseconds period_{0};  // of the keep-alive; zero: no watchdog
  base::steady_time last_{};
  std::string status_;
};

}  // namespace scanhost::boot
