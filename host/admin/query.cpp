// SPDX-License-Identifier: Apache-2.0
#include "admin/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/quantity.hpp"

namespace scanhost::admin {
namespace {

std::optional<char> decode_escape(std::string_view digits) {
  unsigned value = 0;
  if (digits.size() != 2) return std::nullopt;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (problem != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return static_cast<char>(value);
}

// `plus`: what a '+' is.
base::result<std::string> decode_part(std::string_view text, char plus) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at] == '+' ? plus : text[at];
      continue;
    }
    const auto character = decode_escape(text.substr(at + 1, 2));
    if (!character)
      return base::fail(base::errc::usage, fmt::format("{}: a '%' needs two hexadecimal digits after it",
                                                       config::in_quotes(text)));
    decoded += *character;
    at += 2;
  }
  return decoded;
}

}  // namespace

base::result<std::map<std::string, std::string>> parse_query(std::string_view query) {
  std::map<std::string, std::string> values;
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const auto equals = part.find('=');
    if (equals == std::string_view::npos)
      return base::fail(base::errc::usage, fmt::format("{}: expected a name and a value, as in for=2h",
                                                       config::in_quotes(part)));
    auto name = decode_part(part.substr(0, equals), ' ');
    auto value = decode_part(part.substr(equals + 1), ' ');
    if (!name || !value) return name ? value.error() : name.error();
    if (!values.emplace(*name, std::move(*value)).second)
      return base::fail(base::errc::usage, fmt::format("{} is given twice", config::in_quotes(*name)));
  }
  return values;
}

base::result<std::string> decode_from_path(std::string_view part) { return decode_part(part, '+'); }

std::string encode_for_query(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  std::string encoded;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace scanhost::admin
