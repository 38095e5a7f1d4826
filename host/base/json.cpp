// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace scanhost::base {
namespace {

constexpr int no_indent = -1;

template <class Json>
std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <class Json>
std::int64_t integer_of(const Json& value, std::int64_t min, std::int64_t max) {
  if (!value.is_number_integer()) throw std::out_of_range("expected a whole number");
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  const bool fits = !value.is_number_unsigned() || value.template get<std::uint64_t>() <= largest;
  const auto number = fits ? value.template get<std::int64_t>() : 0;
  if (!fits || number < min || number > max) throw std::out_of_range("a number is out of range");
  return number;
}

}  // namespace

std::string json_line(const nlohmann::json& value) { return json_text(value, no_indent); }
std::string json_line(const nlohmann::ordered_json& value) { return json_text(value, no_indent); }
std::string json_pretty(const nlohmann::json& value) { return json_text(value, 2); }
std::string json_pretty(const nlohmann::ordered_json& value) { return json_text(value, 2); }

std::int64_t to_integer(const nlohmann::json& value, std::int64_t min, std::int64_t max) {
  return integer_of(value, min, max);
}
std::int64_t to_integer(const nlohmann::ordered_json& value, std::int64_t min, std::int64_t max) {
  return integer_of(value, min, max);
}

}  // namespace scanhost::base
