// SPDX-License-Identifier: Apache-2.0
//
// CRC16 (polynomial 0x1021, initial value 0, not reflected) over the 16 bytes that a UUID stands for.
#include "partition_of.hpp"

#include <string>

namespace scanhost::demo {
namespace {

int digit_of(char letter) noexcept {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return -1;
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) noexcept {
  std::uint32_t sum = 0;
  for (const char byte : bytes) {
    sum ^= static_cast<std::uint32_t>(static_cast<unsigned char>(byte)) << 8;
    for (int bit = 0; bit < 8; ++bit) sum = (sum & 0x8000U) != 0 ? (sum << 1) ^ 0x1021U : sum << 1;
    sum &= 0xFFFFU;
  }
  return static_cast<std::uint16_t>(sum);
}

std::uint32_t partition_of(std::string_view uuid, std::uint32_t partitions) {
  std::string bytes;
  int high = -1;
  for (const char letter : uuid) {
    const int digit = digit_of(letter);
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return crc16(bytes) % partitions;
}

}  // namespace scanhost::demo
