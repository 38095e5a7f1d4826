// SPDX-License-Identifier: Apache-2.0
#include "boot/early_signals.hpp"

#include <unistd.h>

#include <array>
#include <csignal>

#include "base/exit_code.hpp"
#include "runner/stop_limits.hpp"

namespace scanhost::boot {
namespace {

constexpr std::array held = {SIGINT, SIGTERM, SIGHUP};
constexpr int signal_exit_base = 128;

volatile std::sig_atomic_t hang_up_seen = 0;
volatile std::sig_atomic_t ends_clean = 0;

sigset_t held_set() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : held) ::sigaddset(&set, number);
  return set;
}

void handle(int number, void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

extern "C" void scanhost_end_early(int number) { ::_exit(ends_clean != 0 ? 0 : signal_exit_base + number); }

extern "C" void scanhost_note_hang_up(int) { hang_up_seen = 1; }

extern "C" void scanhost_end_late(int) { ::_exit(static_cast<int>(base::exit_code::stuck)); }

}  // namespace

void hold_signals() noexcept {
  const auto set = held_set();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

early_signals::early_signals(end how) noexcept {
  ends_clean = how == end::clean ? 1 : 0;
  handle(SIGINT, &scanhost_end_early);
  handle(SIGTERM, &scanhost_end_early);
  if (how == end::clean) handle(SIGHUP, &scanhost_note_hang_up);
  const auto set = held_set();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool early_signals::hang_up() noexcept { return hang_up_seen != 0; }

void limit_stop() noexcept {
  handle(SIGALRM, &scanhost_end_late);
  ::alarm(static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(runner::max_stop).count()));
}

}  // namespace scanhost::boot
