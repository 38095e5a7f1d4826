// SPDX-License-Identifier: Apache-2.0
//
// Reading the structs that a plugin hands over: never beyond the size it says, the rest as zero.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "scanhost/store.h"
#include "scanhost/types.h"

namespace scanhost::runner {

// A copy of a growing struct as this host knows it.
template <class Struct>
Struct read_growing(const Struct& from) noexcept {
  Struct copy{};
  std::uint32_t size = 0;
  std::memcpy(&size, &from, sizeof size);
  std::memcpy(&copy, &from, std::min<std::size_t>(size, sizeof copy));
  return copy;
}

// Element `index` of an array that is walked with `stride`.
template <class Struct>
const Struct& at_stride(const Struct* first, std::size_t index, std::size_t stride) noexcept {
  return *reinterpret_cast<const Struct*>(reinterpret_cast<const char*>(first) + index * stride);
}

inline std::string_view view_of(scanhost_string text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}
inline scanhost_string lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

// More than any sane batch: a wrong count shows up here instead of as a crash.
inline constexpr std::size_t max_commands = 1u << 16;
inline constexpr std::size_t max_arguments = 1u << 20;

// Whether `execute` may take the batch at all.
bool well_formed(const scanhost_command* commands, std::size_t count, std::size_t stride) noexcept;

}  // namespace scanhost::runner
