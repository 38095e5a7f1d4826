// SPDX-License-Identifier: Apache-2.0
#include "config/option_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

std::string show_number(option_type type, std::int64_t number) {
  if (type == option_type::duration) return format_duration(base::milliseconds(number));
  if (type == option_type::size) return format_size(number);
  if (type == option_type::flag) return number != 0 ? "true" : "false";
  return std::to_string(number);
}

struct bound_texts {
  std::string minimum;  // empty: there is none
  std::string maximum;
};

bound_texts bounds_of(const option& table) {
  bound_texts texts;
  if (table.minimum) texts.minimum = show_number(table.type, *table.minimum);
  if (table.maximum) texts.maximum = show_number(table.type, *table.maximum);
  if (table.real_minimum) texts.minimum = format_real(*table.real_minimum);
  if (table.real_maximum) texts.maximum = format_real(*table.real_maximum);
  return texts;
}

template <class Number>
bool is_within(std::optional<Number> minimum, std::optional<Number> maximum, Number number) {
  return (!minimum || number >= *minimum) && (!maximum || number <= *maximum);
}

bad_value out_of_range(const option& table, const std::string& text) {
  const auto [minimum, maximum] = bounds_of(table);
  if (maximum.empty())
    return {fmt::format("{} is out of range; the minimum is {}", in_quotes(text), minimum)};
  if (minimum.empty())
    return {fmt::format("{} is out of range; the maximum is {}", in_quotes(text), maximum)};
  return {fmt::format("{} is out of range; the range is {} to {}", in_quotes(text), minimum, maximum)};
}

std::string count_of(std::int64_t number, std::string_view unit) {
  return fmt::format("{} {}{}", number, unit, number == 1 ? "" : "s");
}

// Without the value, which may be a secret.
std::optional<bad_value> wrong_length(const option& table, std::size_t size, std::string_view unit) {
  const auto length = static_cast<std::int64_t>(size);
  if (is_within(table.minimum, table.maximum, length)) return {};
  if (!table.maximum)
    return bad_value{fmt::format("expected at least {}, found {}", count_of(*table.minimum, unit), length)};
  if (!table.minimum)
    return bad_value{fmt::format("expected at most {}, found {}", count_of(*table.maximum, unit), length)};
  return bad_value{
      fmt::format("expected {} to {}, found {}", *table.minimum, count_of(*table.maximum, unit), length)};
}

value_or_problem read_integer(const option& table, const std::string& text,
                              quantity (*parse)(std::string_view)) {
  const auto number = parse(text);
  if (!number) return bad_value{number.error()};
  if (!is_within(table.minimum, table.maximum, *number)) return out_of_range(table, text);
  return option_value(*number);
}

value_or_problem read_real(const option& table, const std::string& text) {
  const auto number = parse_real(text);
  if (!number) return bad_value{number.error()};
  if (!is_within(table.real_minimum, table.real_maximum, *number)) return out_of_range(table, text);
  return option_value(*number);
}

value_or_problem read_flag(const std::string& text) {
  if (text != "true" && text != "false")
    return bad_value{fmt::format("expected true or false, found {}", in_quotes(text))};
  return option_value(std::int64_t{text == "true" ? 1 : 0});
}

value_or_problem read_choice(const option& table, const std::string& text) {
  if (std::find(table.choices.begin(), table.choices.end(), text) != table.choices.end())
    return option_value(text);
  return bad_value{fmt::format("{} is none of its choices; {}", in_quotes(text),
                               suggestion(text, table.choices, "they are"))};
}

value_or_problem read_text(const option& table, const std::string& text) {
  if (auto wrong = wrong_length(table, text.size(), "byte")) return std::move(*wrong);
  return option_value(text);
}

constexpr std::string_view invented = "example";

template <class Number>
Number nearest_to_one(std::optional<Number> minimum, std::optional<Number> maximum) {
  Number number{1};
  if (minimum) number = std::max(number, *minimum);
  return maximum ? std::min(number, *maximum) : number;
}

std::string invent_text(const option& table) {
  std::string text(invented);
  if (table.minimum) text.resize(std::max(text.size(), static_cast<std::size_t>(*table.minimum)), 'x');
  if (table.maximum) text.resize(std::min(text.size(), static_cast<std::size_t>(*table.maximum)));
  return text;
}

std::vector<std::string> invent_list(const option& table) {
  const auto count = nearest_to_one(table.minimum, table.maximum);
  std::vector<std::string> elements;
  for (std::int64_t i = 1; i <= count; ++i)
    elements.push_back(i == 1 ? std::string(invented) : fmt::format("{}_{}", invented, i));
  return elements;
}

}  // namespace

void throw_exception_from_error(const bad_value& problem, const boost::source_location&) {
  throw std::logic_error("unchecked value: " + problem.reason);
}

value_or_problem parse_value(const option& table, const std::string& text) {
  switch (table.type) {
    case option_type::text:
      return read_text(table, text);
    case option_type::integer:
      return read_integer(table, text, &parse_integer);
    case option_type::duration:
      return read_integer(table, text, &parse_duration);
    case option_type::size:
      return read_integer(table, text, &parse_size);
    case option_type::flag:
      return read_flag(text);
    case option_type::text_list:
      return make_list(table, {text});
    case option_type::real:
      return read_real(table, text);
    case option_type::choice:
      return read_choice(table, text);
  }
  return bad_value{"its type is unknown"};
}

value_or_problem make_list(const option& table, std::vector<std::string> elements) {
  if (auto wrong = wrong_length(table, elements.size(), "element")) return std::move(*wrong);
  return option_value(std::move(elements));
}

value_or_problem default_value(const option& table) {
  if (table.type == option_type::text_list) return make_list(table, table.default_values);
  if (!table.default_value.empty() || table.type == option_type::text)
    return parse_value(table, table.default_value);
  if (table.type == option_type::choice)
    return option_value(table.choices.empty() ? std::string() : table.choices.front());
  if (table.type == option_type::flag) return option_value(std::int64_t{0});
  return parse_value(table, table.type == option_type::duration ? "0ms" : "0");
}

option_values default_values(const description& plugin) {
  option_values values;
  for (const auto& table : plugin.options) {
    if (table.required || table.secret) continue;
    if (auto value = default_value(table)) values.emplace(table.name, std::move(*value));
  }
  return values;
}

option_value invent_value(const option& table) {
  switch (table.type) {
    case option_type::text:
      return invent_text(table);
    case option_type::text_list:
      return invent_list(table);
    case option_type::real:
      return nearest_to_one(table.real_minimum, table.real_maximum);
    case option_type::choice:
      return table.choices.front();
    case option_type::flag:
      return std::int64_t{0};
    case option_type::integer:
    case option_type::duration:
    case option_type::size:
      break;
  }
  return nearest_to_one(table.minimum, table.maximum);
}

std::string format_value(const option& table, const option_value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return show_number(table.type, *number);
  if (const auto* number = std::get_if<double>(&value)) return format_real(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return as_in_yaml(*text);
  return format_list(std::get<std::vector<std::string>>(value));
}

std::string format_list(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& element : list) text += (text.empty() ? "" : ", ") + as_in_yaml(element);
  return "[" + text + "]";
}

std::string format_bounds(const option& table) {
  const auto [minimum, maximum] = bounds_of(table);
  if (minimum.empty()) return maximum.empty() ? "" : "up to " + maximum;
  return "from " + minimum + (maximum.empty() ? "" : " to " + maximum);
}

std::vector<std::string> yaml_keys(const option& table) {
  if (!table.secret) return {table.name};
  return {table.name + "_file", table.name + "_env"};
}

}  // namespace scanhost::config
