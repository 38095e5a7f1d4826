// SPDX-License-Identifier: Apache-2.0
//
// The partition of a flow, budget or quota policy: CRC16 (XMODEM) of its UUID's bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace scanhost::demo {

std::uint16_t crc16(std::string_view bytes) noexcept;
std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions);

}  // namespace scanhost::demo
