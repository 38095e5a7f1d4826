// SPDX-License-Identifier: Apache-2.0
//
// What the calling thread is running, kept where the handler of a fatal signal can read it: plain memory of
// the thread, no allocation, no lock. It costs one store for each call of a plugin.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/mapped_range.hpp"

namespace scanhost::runner::crash_place {

// Texts end with a zero byte; a longer one is cut. All empty: the thread runs no scanner.
struct place {
  std::array<char, 192> scanner{};
  std::uint64_t generation = 0;
  std::array<char, 65> sha256{};  // of the generation's build
  // The entry of the plugin that the thread is in, a literal such as "scan". Null: in the host's own code.
  const char* entry = nullptr;
  base::mapped_range library;    // where the open copy of the build lies; empty: none is open
  std::array<char, 160> copy{};  // the name of that copy in the host's staging folder
};

namespace detail {
// constinit on the declaration: code in other files then needs no check whether it was initialized.
extern constinit thread_local place here;
}  // namespace detail

// What this thread runs from now on.
void set(std::string_view scanner, std::uint64_t generation, std::string_view sha256) noexcept;
// The build is open from now on, as this copy.
void set_library(const base::mapped_range& library, std::string_view copy) noexcept;
// It runs no scanner any more.
void clear() noexcept;

// Async-signal-safe.
inline const place& current() noexcept { return detail::here; }

// While this exists the thread is in `entry`, a literal; afterwards it is where it was before.
class in_entry {
 public:
  explicit in_entry(const char* entry) noexcept : before_(detail::here.entry) { detail::here.entry = entry; }
  ~in_entry() { detail::here.entry = before_; }
  in_entry(const in_entry&) = delete;
  in_entry& operator=(const in_entry&) = delete;

 private:
  const char* before_;
};

}  // namespace scanhost::runner::crash_place
