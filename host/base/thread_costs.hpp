// SPDX-License-Identifier: Apache-2.0
//
// What the calling thread has cost so far: time on a processor, and memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace scanhost::base {

// The time that the calling thread has spent on a processor.
std::chrono::nanoseconds thread_cpu_time() noexcept;

// The bytes that the calling thread has allocated minus those that it has freed, as the allocator counts
// them: negative when it freed what others had allocated. What goes from thread to thread counts where it was
// allocated. None when the allocator keeps no count: without jemalloc, and under sanitizers and valgrind,
// which bring an allocator of their own. Reading it takes some nanoseconds.
std::optional<std::int64_t> thread_memory() noexcept;

}  // namespace scanhost::base
