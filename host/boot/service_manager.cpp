// SPDX-License-Identifier: Apache-2.0
#include "boot/service_manager.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>

namespace scanhost::boot {
namespace {

void send(const std::string& state) { ::sd_notify(0, state.c_str()); }

// systemd tells by it which reload a later READY ends; it takes CLOCK_MONOTONIC.
std::uint64_t monotonic_usec() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

service_manager::service_manager() {
  std::uint64_t watchdog_usec = 0;
  if (::sd_watchdog_enabled(0, &watchdog_usec) > 0)
    period_ = std::chrono::duration_cast<base::milliseconds>(std::chrono::microseconds(watchdog_usec / 2));
}

void service_manager::note_ready() { send("READY=1"); }

void service_manager::note_reloading() {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_usec()));
}

void service_manager::note_stopping() { send("STOPPING=1"); }

void service_manager::set_status(std::string_view text) {
  if (text == status_) return;
  status_ = text;
  // A line end would begin another message.
  std::string line = status_;
  for (auto& c : line)
    if (c == '\n') c = ' ';
  send("STATUS=" + line);
}

void service_manager::keep_alive(base::steady_time now) {
  if (period_ == base::milliseconds{0} || now - last_ < period_) return;
  last_ = now;
  send("WATCHDOG=1");
}

}  // namespace scanhost::boot
