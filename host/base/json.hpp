// SPDX-License-Identifier: Apache-2.0
//
// JSON values as text. Texts in them come from plugins, servers and files: bytes that are not UTF-8 become
// the replacement character.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace scanhost::base {

// One line, with its newline: for the wire and for files.
std::string json_line(const nlohmann::json& value);
std::string json_line(const nlohmann::ordered_json& value);

// Indented by two spaces, with a newline at the end: for people.
std::string json_pretty(const nlohmann::json& value);
std::string json_pretty(const nlohmann::ordered_json& value);

// A number that a file or another process gave, and that may be anything; get<int>() would take fractions and
// numbers that the type cannot hold. Throws std::out_of_range unless it is a whole number from `min` to
// `max`.
std::int64_t to_integer(const nlohmann::json& value, std::int64_t min, std::int64_t max);
std::int64_t to_integer(const nlohmann::ordered_json& value, std::int64_t min, std::int64_t max);

// Likewise, with the range of the type.
template <class Integer, class Json>
Integer to_integer(const Json& value) {
  using limits = std::numeric_limits<Integer>;
  static_assert(sizeof(Integer) < sizeof(std::int64_t) || limits::is_signed);
  return static_cast<Integer>(to_integer(value, limits::min(), limits::max()));
}

}  // namespace scanhost::base
