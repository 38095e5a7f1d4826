// SPDX-License-Identifier: Apache-2.0
//
// The slots of a cluster: which one a key lies in. Keys with the same hash tag, the part between the first
// `{` and the `}` after it, lie in one slot, and so on one server.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace scanhost::inline v1_0 {

inline constexpr std::size_t slot_count = 16'384;

namespace detail {

constexpr std::array<std::uint16_t, 256> make_crc16_table() noexcept {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

inline constexpr auto crc16_table = make_crc16_table();

}  // namespace detail

// CRC16 in the XMODEM variant.
constexpr std::uint16_t crc16(std::string_view bytes) noexcept {
  std::uint16_t crc = 0;
  for (const char byte : bytes) {
    const auto index = (crc >> 8 ^ static_cast<std::uint8_t>(byte)) & 0xff;
    crc = static_cast<std::uint16_t>(crc << 8 ^ detail::crc16_table[static_cast<std::size_t>(index)]);
  }
  return crc;
}

// What of a key decides its slot: its hash tag, unless there is none or it is empty; then all of it.
constexpr std::string_view hashed_part(std::string_view key) noexcept {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return key;
  const auto close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

constexpr std::uint16_t slot_of(std::string_view key) noexcept {
  return static_cast<std::uint16_t>(crc16(hashed_part(key)) % slot_count);
}

}  // namespace scanhost::inline v1_0
