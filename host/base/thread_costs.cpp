// SPDX-License-Identifier: Apache-2.0
#include "base/thread_costs.hpp"

#include <dlfcn.h>
#include <time.h>

#include <cstddef>
#include <cstdlib>

namespace scanhost::base {

namespace {

// jemalloc's; the host may be linked with it.
using mallctl_function = int (*)(const char*, void*, std::size_t*, void*, std::size_t);

// Where jemalloc counts what the calling thread allocates and frees. Volatile: the compiler takes it that
// malloc changes no memory that others can see.
using counter = const volatile std::uint64_t*;

struct thread_counters {
  counter allocated = nullptr;
  counter freed = nullptr;

  std::int64_t live() const noexcept { return static_cast<std::int64_t>(*allocated - *freed); }
};

counter find_counter(mallctl_function mallctl, const char* name) noexcept {
  std::uint64_t* place = nullptr;
  std::size_t size = sizeof place;
  return mallctl(name, &place, &size, nullptr, 0) == 0 ? place : nullptr;
}

// An allocator that is loaded before jemalloc, such as that of a sanitizer, leaves the counters alone.
bool counters_move(const thread_counters& counters) noexcept {
  constexpr std::int64_t probe_size = 4096;
  const auto before = counters.live();
  void* volatile block = std::malloc(probe_size);
  const bool moved = counters.live() - before >= probe_size;
  std::free(block);
  return moved;
}

thread_counters find_counters() noexcept {
  static const auto mallctl = reinterpret_cast<mallctl_function>(::dlsym(RTLD_DEFAULT, "mallctl"));
  if (mallctl == nullptr) return {};
  const thread_counters found{find_counter(mallctl, "thread.allocatedp"),
                              find_counter(mallctl, "thread.deallocatedp")};
  const bool complete = found.allocated != nullptr && found.freed != nullptr;
  return complete && counters_move(found) ? found : thread_counters{};
}

}  // namespace

std::chrono::nanoseconds thread_cpu_time() noexcept {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::optional<std::int64_t> thread_memory() noexcept {
  thread_local const auto counters = find_counters();
  if (counters.allocated == nullptr) return std::nullopt;
  return counters.live();
}

}  // namespace scanhost::base
