// SPDX-License-Identifier: Apache-2.0
#include "runner/crash/crash_place.hpp"

#include <algorithm>
#include <span>

namespace scanhost::runner::crash_place {

namespace detail {
constinit thread_local place here{};
}  // namespace detail

namespace {

void assign(std::span<char> to, std::string_view text) noexcept {
  const auto size = std::min(text.size(), to.size() - 1);
  std::copy_n(text.data(), size, to.data());
  to[size] = '\0';
}

}  // namespace

void set(std::string_view scanner, std::uint64_t generation, std::string_view sha256) noexcept {
  assign(detail::here.scanner, scanner);
  detail::here.generation = generation;
  assign(detail::here.sha256, sha256);
  set_library({}, {});
}

void set_library(const base::mapped_range& library, std::string_view copy) noexcept {
  detail::here.library = library;
  assign(detail::here.copy, copy);
}

void clear() noexcept { set({}, 0, {}); }

}  // namespace scanhost::runner::crash_place
