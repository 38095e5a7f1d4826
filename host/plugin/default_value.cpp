// SPDX-License-Identifier: Apache-2.0
#include "plugin/default_value.hpp"

#include <fmt/format.h>

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

// Why the measure of a default is out of bounds. None: it is not.
std::optional<std::string> out_of_bounds(const option& option, std::int64_t value, const char* measure) {
  const bool bounded = option.minimum != 0 || option.maximum != 0;
  if (!bounded || (value >= option.minimum && value <= option.maximum)) return {};
  return fmt::format("its {} is {}, which is not within {} .. {}", measure, value, option.minimum,
                     option.maximum);
}

value_or_problem number(const option& option, config::quantity (*parse)(std::string_view)) {
  const auto& text = option.default_value;
  const auto value = text.empty() ? config::quantity(std::int64_t{0}) : parse(text);
  if (!value) return bad_default{value.error()};
  if (auto problem = out_of_bounds(option, *value, "value")) return bad_default{std::move(*problem)};
  return option_value(*value);
}

value_or_problem flag(const option& option) {
  const auto& text = option.default_value;
  if (text != "true" && text != "false" && !text.empty())
    return bad_default{fmt::format("'{}' is neither true nor false", text)};
  return option_value(std::int64_t{text == "true" ? 1 : 0});
}

value_or_problem text(const option& option) {
  const auto length = static_cast<std::int64_t>(option.default_value.size());
  if (auto problem = out_of_bounds(option, length, "length in bytes"))
    return bad_default{std::move(*problem)};
  return option_value(option.default_value);
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

value_or_problem text_list(const option& option) {
  std::vector<std::string> elements;
  std::string_view rest = option.default_value;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    elements.push_back(trimmed(rest.substr(0, comma)));
    if (elements.back().empty())
      return bad_default{fmt::format("'{}' has an empty element", option.default_value)};
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  const auto count = static_cast<std::int64_t>(elements.size());
  if (auto problem = out_of_bounds(option, count, "number of elements"))
    return bad_default{std::move(*problem)};
  return option_value(std::move(elements));
}

}  // namespace

void throw_exception_from_error(const bad_default& problem, const boost::source_location&) {
  throw std::logic_error("unchecked default: " + problem.reason);
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
