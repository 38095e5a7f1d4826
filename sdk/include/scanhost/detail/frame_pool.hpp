// SPDX-License-Identifier: Apache-2.0
//
// Where the frames of coroutines come from: a scan takes a handful of them, and the next scan takes the same
// again. One pool in each loaded copy of a plugin, all of whose code runs on the scanner's thread. It is
// plain data: a thread_local, or anything with a destructor, would outlive the instance and pin the library.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "sanitizers.hpp"

namespace scanhost::inline v1_0::detail {

// Not where a use after free is looked for.
inline constexpr bool frames_are_pooled = !address_sanitizer;

class frame_pool {
 public:
  static void* take(std::size_t size) {
    const auto kind = size / step;
    if (!frames_are_pooled || kind >= kinds) return ::operator new(size);
    auto*& first = free_[kind];
    if (first == nullptr) return ::operator new((kind + 1) * step);
    auto* frame = first;
    first = frame->next;
    held_ -= (kind + 1) * step;
    return frame;
  }

  static void give(void* frame, std::size_t size) noexcept {
    const auto kind = size / step;
    if (!frames_are_pooled || kind >= kinds || held_ >= max_kept_bytes) return ::operator delete(frame);
    held_ += (kind + 1) * step;
    free_[kind] = ::new (frame) free_frame{free_[kind]};
  }

  // Gives back what is free.
  static void clear() noexcept {
    for (auto& first : free_)
      while (first != nullptr) {
        auto* next = first->next;
        ::operator delete(first);
        first = next;
      }
    held_ = 0;
  }

 private:
  struct free_frame {
    free_frame* next;
  };
  static constexpr std::size_t step = 64;
  static constexpr std::size_t kinds = 32;
  // Enough for most of the scans that a host starts before the first are done; a host has many plugins.
  static constexpr std::size_t max_kept_bytes = std::size_t{128} * 1024;

  static inline std::array<free_frame*, kinds> free_{};  // by size
  static inline std::size_t held_ = 0;
};

// The base of a promise whose frame is pooled.
struct pooled_frame {
  static void* operator new(std::size_t size) { return frame_pool::take(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { frame_pool::give(frame, size); }
};

}  // namespace scanhost::inline v1_0::detail
