// SPDX-License-Identifier: Apache-2.0
//
// Defaults of every type, held to their bounds.
#include "plugin/default_value.hpp"

#include <optional>
#include <stdexcept>
#include <string_view>

#include "config/quantity.hpp"

namespace scanhost::plugin {
namespace {

using config::option;
using config::option_type;
using config::option_value;
using value_or_problem = boost::system::result<option_value, bad_default>;

bool bounded(const option& table) noexcept { return table.minimum != 0 || table.maximum != 0; }

std::optional<std::string> outside(const option& table, std::int64_t measured, const std::string& what) {
  if (!bounded(table) || (measured >= table.minimum && measured <= table.maximum)) return {};
  return what + " " + std::to_string(measured) + ", which is not within " + std::to_string(table.minimum) +
         " .. " + std::to_string(table.maximum);
}

value_or_problem number(const option& table, config::quantity (*parse)(std::string_view)) {
  const auto& text = table.default_value;
  const auto value = text.empty() ? config::quantity(std::int64_t{0}) : parse(text);
  if (!value) return bad_default{value.error()};
  if (auto problem = outside(table, *value, "its value is")) return bad_default{std::move(*problem)};
  return option_value(*value);
}

value_or_problem flag(const option& table) {
  const auto& text = table.default_value;
  if (text != "true" && text != "false" && !text.empty())
    return bad_default{"'" + text + "' is neither true nor false"};
  return option_value(std::int64_t{text == "true" ? 1 : 0});
}

value_or_problem text(const option& table) {
  const auto length = static_cast<std::int64_t>(table.default_value.size());
  if (auto problem = outside(table, length, "its length in bytes is"))
    return bad_default{std::move(*problem)};
  return option_value(table.default_value);
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

value_or_problem text_list(const option& table) {
  std::vector<std::string> elements;
  std::string_view rest = table.default_value;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    elements.push_back(trimmed(rest.substr(0, comma)));
    if (elements.back().empty()) return bad_default{"'" + table.default_value + "' has an empty element"};
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  const auto count = static_cast<std::int64_t>(elements.size());
  if (auto problem = outside(table, count, "the number of its elements is"))
    return bad_default{std::move(*problem)};
  return option_value(std::move(elements));
}

}  // namespace

void throw_exception_from_error(const bad_default& problem, const boost::source_location&) {
  throw std::logic_error("unchecked default: " + problem.what);
}

boost::system::result<option_value, bad_default> default_value(const option& option) {
  switch (option.type) {
    case option_type::text:
      return text(option);
    case option_type::integer:
      return number(option, &config::parse_integer);
    case option_type::duration:
      return number(option, &config::parse_duration);
    case option_type::size:
      return number(option, &config::parse_size);
    case option_type::flag:
      return flag(option);
    case option_type::text_list:
      return text_list(option);
  }
  return bad_default{"its type is unknown"};
}

config::option_values default_values(const config::description& description) {
  config::option_values values;
  for (const auto& option : description.options)
    if (auto value = default_value(option)) values.emplace(option.name, std::move(*value));
  return values;
}

}  // namespace scanhost::plugin
