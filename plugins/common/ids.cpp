// SPDX-License-Identifier: Apache-2.0
#include "common/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <scanhost/reply.hpp>
#include <scanhost/slots.hpp>

namespace ff {
namespace {

constexpr std::size_t hyphenated_size = 36;

bool hyphen_at(std::size_t position) noexcept {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

// By character; above 15: it is no digit. A table, since nothing predicts which digit of an id comes next.
constexpr auto hex_digits = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (std::uint8_t digit = 0; digit < 16; ++digit) {
    values[static_cast<unsigned char>("0123456789abcdef"[digit])] = digit;
    values[static_cast<unsigned char>("0123456789ABCDEF"[digit])] = digit;
  }
  return values;
}();

// Precondition: the text has the size of an id, with or without hyphens.
std::optional<uuid> parse_digits(std::string_view text, bool hyphens) noexcept {
  uuid id{};
  unsigned bits = 0;  // of all digits; above 15: a character is none
  std::size_t at = 0;
  for (auto& byte : id) {
    if (hyphens && hyphen_at(at) && text[at++] != '-') return std::nullopt;
    const unsigned high = hex_digits[static_cast<unsigned char>(text[at++])];
    const unsigned low = hex_digits[static_cast<unsigned char>(text[at++])];
    bits |= high | low;
    byte = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bits > 15 ? std::nullopt : std::optional(id);
}

}  // namespace

std::optional<uuid> parse_uuid(std::string_view text) noexcept {
  constexpr std::string_view urn = "urn:uuid:";
  if (text.size() == 32) return parse_digits(text, false);
  if (text.size() == hyphenated_size + 2 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, hyphenated_size);
  else if (text.size() == hyphenated_size + urn.size() && text.starts_with(urn))
    text.remove_prefix(urn.size());
  return text.size() == hyphenated_size ? parse_digits(text, true) : std::nullopt;
}

std::string canonical(const uuid& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(hyphenated_size);
  for (const auto byte : id) {
    if (hyphen_at(text.size())) text += '-';
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string canonical_or_as_found(std::string_view text) {
  const auto id = parse_uuid(text);
  return id ? canonical(*id) : std::string(text);
}

uuid random_uuid() {
  static std::mt19937_64 source{std::random_device{}()};
  uuid id;
  for (auto& byte : id) byte = static_cast<std::uint8_t>(source());
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

std::uint32_t partition_of(const uuid& id, std::uint32_t count) noexcept {
  return scanhost::crc16({reinterpret_cast<const char*>(id.data()), id.size()}) % count;
}

std::optional<std::uint16_t> execution_partition(std::string_view execution_id) noexcept {
  constexpr std::string_view prefix = "{fp:";
  if (!execution_id.starts_with(prefix)) return std::nullopt;
  const auto end = execution_id.find("}:", prefix.size());
  if (end == std::string_view::npos) return std::nullopt;
  const auto partition =
      scanhost::parse_integer<std::uint16_t>(execution_id.substr(prefix.size(), end - prefix.size()));
  if (!partition || !parse_uuid(execution_id.substr(end + 2))) return std::nullopt;
  return partition;
}

}  // namespace ff
