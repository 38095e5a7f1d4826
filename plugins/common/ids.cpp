// SPDX-License-Identifier: Apache-2.0
#include "common/ids.hpp"

#include <cstddef>
#include <random>
#include <scanhost/reply.hpp>
#include <scanhost/slots.hpp>

namespace ff {
namespace {

constexpr std::size_t hyphenated_size = 36;

int hex_digit(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool hyphen_at(std::size_t position) noexcept {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

std::optional<uuid> parse_digits(std::string_view text, bool hyphens) noexcept {
  uuid id{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (hyphens && hyphen_at(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = id[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | digit);
    ++digits;
  }
  return id;
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
