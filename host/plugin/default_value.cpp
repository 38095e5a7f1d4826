// SPDX-License-Identifier: Apache-2.0
//
// Defaults of every type, with units and bounds.
#include "plugin/default_value.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

namespace scanhost::plugin {
namespace {

using config::option;
using config::option_type;
using config::option_value;
using value_or_problem = boost::system::result<option_value, bad_default>;

struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr unit duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr unit size_units[] = {
    {"", 1}, {"KiB", std::int64_t{1} << 10}, {"MiB", std::int64_t{1} << 20}, {"GiB", std::int64_t{1} << 30}};
constexpr unit plain_unit[] = {{"", 1}};

// A whole number and one of the units, nothing else.
std::optional<std::int64_t> quantity(std::string_view text, std::span<const unit> units) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return {};
  const auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& one : units) {
    if (rest != one.name) continue;
    constexpr auto limits = std::numeric_limits<std::int64_t>();
    if (number > limits.max() / one.factor || number < limits.min() / one.factor) return {};
    return number * one.factor;
  }
  return {};
}

bool bounded(const option& table) noexcept { return table.minimum != 0 || table.maximum != 0; }

std::optional<std::string> outside(const option& table, std::int64_t measured, const std::string& what) {
  if (!bounded(table) || (measured >= table.minimum && measured <= table.maximum)) return {};
  return what + " " + std::to_string(measured) + ", which is not within " + std::to_string(table.minimum) +
         " .. " + std::to_string(table.maximum);
}

value_or_problem number(const option& table, std::span<const unit> units, const char* what,
                        const char* form) {
  const auto& text = table.default_value;
  const auto value = text.empty() ? std::optional<std::int64_t>(0) : quantity(text, units);
  if (!value || (*value < 0 && table.type != option_type::integer))
    return bad_default{"'" + text + "' is not " + what + ", such as " + form};
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
      return number(option, plain_unit, "a whole number", "20");
    case option_type::duration:
      return number(option, duration_units, "a duration", "1500ms, 2s, 5m, 1h or 7d");
    case option_type::size:
      return number(option, size_units, "a size", "512, 64KiB, 1MiB or 2GiB");
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
