// SPDX-License-Identifier: Apache-2.0
//
// Reading the growing structs that the other side of the ABI hands over: never beyond the size that it
// states; what it does not have counts as zero. Arrays of them are walked with the stride that was given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../plugin.h"

namespace scanhost::inline v1_0::detail {

// A copy of a growing struct as these headers know it. Its size comes first.
template <class Struct>
Struct read_growing(const void* from) noexcept {
  Struct known{};
  std::uint32_t size = 0;
  std::memcpy(&size, from, sizeof size);
  if (size >= sizeof known)
    std::memcpy(&known, from, sizeof known);  // the usual case: no call, since the size is known here
  else
    std::memcpy(&known, from, size);
  return known;
}

template <class Struct>
Struct read_growing(const Struct& from) noexcept {
  return read_growing<Struct>(static_cast<const void*>(&from));
}

// The same without a copy where the struct has all of its members: `room` takes the copy otherwise.
template <class Struct>
const Struct& view_growing(const Struct& from, Struct& room) noexcept {
  if (from.struct_size >= sizeof from) return from;
  return room = read_growing(from);
}

// The descriptor, whose size does not come first.
inline scanhost_plugin read_growing_plugin(const scanhost_plugin& from) noexcept {
  scanhost_plugin known{};
  std::memcpy(&known, &from, std::min<std::size_t>(from.struct_size, sizeof known));
  return known;
}

// Element `index` of an array. Reach for its members only as far as its size allows.
template <class Struct>
const Struct& at_stride(const Struct* first, std::size_t index, std::size_t stride) noexcept {
  return *reinterpret_cast<const Struct*>(reinterpret_cast<const std::byte*>(first) + index * stride);
}

}  // namespace scanhost::inline v1_0::detail
