// SPDX-License-Identifier: Apache-2.0
//
// The handler sets a flag and nothing more.
#include "interrupt.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace scanhost::demo {
namespace {

std::atomic<bool> asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void note(int) { asked.store(true, std::memory_order_relaxed); }

}  // namespace

void watch_for_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;  // a half-read reply is read to its end; the flag is seen after it
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal_number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept { return asked.load(std::memory_order_relaxed); }

void rest(std::chrono::milliseconds how_long) {
  constexpr std::chrono::milliseconds glance{50};
  const auto until = std::chrono::steady_clock::now() + how_long;
  while (!interrupted()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    std::this_thread::sleep_for(std::min(left, glance));
  }
}

}  // namespace scanhost::demo
