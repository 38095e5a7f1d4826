// SPDX-License-Identifier: Apache-2.0
//
// What a plugin may leave behind in a process: threads, descriptors, signal handlers, mappings, memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace scanhost::verify {

std::size_t count_threads();
std::vector<int> open_descriptors();  // sorted

using signal_handlers = std::array<const void*, 65>;  // by number
signal_handlers current_signal_handlers();

// Whether the file that is open as `fd` is mapped into this process.
bool is_mapped(int fd);

// How much of the heap is in use, in bytes. With jemalloc, the host's allocator, it is what this thread
// allocated minus what it freed, and exact; so it is with AddressSanitizer. glibc also counts what its
// threads keep in reserve, some kilobytes, which vary.
std::int64_t heap_in_use();

}  // namespace scanhost::verify
