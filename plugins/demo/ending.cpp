// SPDX-License-Identifier: Apache-2.0
#include "ending.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace scanhost::demo {
namespace {

std::atomic<bool> signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

void watch_for_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { signalled.store(true, std::memory_order_relaxed); };
  action.sa_flags = SA_RESTART;  // a half-read reply is read to its end; the flag is seen after it
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept { return signalled.load(std::memory_order_relaxed); }

void rest(std::chrono::milliseconds duration) {
  using clock = std::chrono::steady_clock;
  constexpr clock::duration max_sleep = std::chrono::milliseconds(50);
  const auto until = clock::now() + duration;
  for (auto now = clock::now(); now < until && !interrupted(); now = clock::now())
    std::this_thread::sleep_for(std::min(until - now, max_sleep));
}

}  // namespace scanhost::demo
