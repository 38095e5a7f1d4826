// SPDX-License-Identifier: Apache-2.0
#include "config/print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json.hpp"
#include "config/option_value.hpp"
#include "config/quantity.hpp"
#include "config/scanner_keys.hpp"

namespace scanhost::config {
namespace {

using json = nlohmann::ordered_json;

std::string row(const std::string& name, const std::string& value) {
  if (value.empty()) return {};
  constexpr std::size_t column = 12;
  return name + std::string(column - std::min(column - 1, name.size()), ' ') + value + "\n";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string line;
  for (const auto& text : texts) line += (line.empty() ? "" : ", ") + text;
  return line;
}

std::string abi_of(const description& plugin) {
  return fmt::format("{0}.{1} (built with {0}.{2}, SDK {3})", plugin.abi_major, plugin.abi_minor_required,
                     plugin.abi_minor_built, plugin.sdk_version);
}

std::string text_of_members(const family& family) {
  switch (family.members) {
    case member_source::option:
      return "one partition for each element of the option " + family.members_from;
    case member_source::key:
      return "one partition for each member of the set or sorted set " + family.members_from;
    default:
      return "partitions that the plugin lists in each cycle";
  }
}

std::string text_of(const family& family) {
  if (family.tag_pattern.empty()) return family.name;
  const auto name = family.name + " " + family.tag_pattern;
  if (family.listed()) return fmt::format("{}, {}", name, text_of_members(family));
  if (!family.counted()) return name + ", 1 partition";
  auto text = fmt::format("{}, {} partitions", name, family.default_count);
  if (!family.count_key.empty())
    text +=
        fmt::format(" unless the store has a count in {}, field {}", family.count_key, family.count_field);
  return text;
}

std::string details_of(const option& option) {
  std::string text;
  if (!option.choices.empty()) text += " of " + joined(option.choices);
  if (const auto bounds = format_bounds(option); !bounds.empty()) text += " " + bounds;
  if (option.required) text += ", required";
  if (option.secret) text += fmt::format(", secret: written as {}", fmt::join(yaml_keys(option), " or "));
  const bool has_default =
      !option.default_value.empty() || !option.default_values.empty() || option.type == option_type::choice;
  if (has_default && !option.required)
    if (const auto value = default_value(option)) text += ", default " + format_value(option, *value);
  return text;
}

std::string text_of(const option& option) {
  return fmt::format("  {}: {}{}\n", option.name, to_text(option.type), details_of(option)) +
         (option.help.empty() ? "" : "      " + option.help + "\n");
}

std::string_view to_text(member_source members) {
  constexpr std::array<std::string_view, 4> names{"counted", "option", "key", "plugin"};
  return names.at(static_cast<std::size_t>(members));
}

json json_of(const family& family) {
  return {{"name", family.name},
          {"tag_pattern", family.tag_pattern},
          {"default_count", family.default_count},
          {"count_key", family.count_key},
          {"count_field", family.count_field},
          {"members", to_text(family.members)},
          {"members_from", family.members_from}};
}

template <class Bound>
void put_bound(json& object, const char* key, const std::optional<Bound>& bound) {
  if (bound) object[key] = *bound;
}

json json_of(const option& option) {
  json object{{"name", option.name}, {"type", to_text(option.type)}, {"default", option.default_value},
              {"help", option.help}, {"required", option.required},  {"secret", option.secret}};
  if (option.type == option_type::text_list) object["default"] = option.default_values;
  if (option.required || option.secret) object["default"] = nullptr;
  if (option.type == option_type::choice) object["choices"] = option.choices;
  put_bound(object, "minimum", option.minimum);
  put_bound(object, "maximum", option.maximum);
  put_bound(object, "minimum", option.real_minimum);
  put_bound(object, "maximum", option.real_maximum);
  return object;
}

template <class Rows>
json list_of(const Rows& rows) {
  auto list = json::array();
  for (const auto& entry : rows) list.push_back(json_of(entry));
  return list;
}

void put(json& object, const std::string& key, base::milliseconds value) {
  object[key + "_ms"] = value.count();
}
void put(json& object, const std::string& key, std::optional<std::uint64_t> value) {
  object[key] = value ? json(*value) : json();
}
void put(json& object, const std::string& key, std::optional<std::chrono::microseconds> value) {
  object[key + "_us"] = value ? json(value->count()) : json();
}
void put(json& object, const std::string& key, byte_size value) {
  object[key + "_bytes"] = value.bytes == 0 ? json() : json(value.bytes);
}
void put(json& object, const std::string& key, std::optional<base::severity> value) {
  object[key] = value ? json(base::to_text(*value)) : json();
}
void put(json& object, const std::string& key, run_condition value) {
  if (value == run_condition::functions_exist)
    object[key] = to_text(value);
  else
    object[key] = value == run_condition::always;
}
void put(json& object, const std::string& key, unload_policy value) { object[key] = to_text(value); }
void put(json& object, const std::string& key, reload_policy value) { object[key] = to_text(value); }
void put(json&, const std::string&, const option_values&) {}
template <class Value>
void put(json& object, const std::string& key, const Value& value) {
  object[key] = value;
}

}  // namespace

nlohmann::ordered_json settings_json(const scanner_settings& scanner) {
  json object{{"name", scanner.name}};
  for (const auto& key : scanner_keys()) {
    const auto dot = key.name.find('.');
    auto& map = dot == std::string_view::npos ? object : object[std::string(key.name.substr(0, dot))];
    const std::string name(key.name.substr(dot == std::string_view::npos ? 0 : dot + 1));
    std::visit([&](auto member) { put(map, name, value_of(scanner, member)); }, key.member);
  }
  return object;
}

std::string to_text(option_type type) {
  switch (type) {
    case option_type::text:
      return "text";
    case option_type::integer:
      return "integer";
    case option_type::duration:
      return "duration";
    case option_type::size:
      return "size";
    case option_type::flag:
      return "flag";
    case option_type::text_list:
      return "text list";
    case option_type::real:
      return "real";
    case option_type::choice:
      return "choice";
  }
  return "unknown";
}

std::string describe_text(const description& plugin) {
  auto text = plugin.name + " " + plugin.version + "\n" +
              (plugin.summary.empty() ? "" : plugin.summary + "\n") + "\n";
  text += row("author", plugin.author) + row("licence", plugin.licence) + row("ABI", abi_of(plugin));
  for (const auto& family : plugin.families) text += row("family", text_of(family));
  text += row("interval", format_duration(plugin.default_interval));
  text += row("page size", std::to_string(plugin.default_page_size));
  text += row("serial", plugin.serial ? "yes" : "");
  text += row("functions",
              plugin.functions.empty() ? "" : joined(plugin.functions) + " of " + plugin.function_library);
  text += row("optional", plugin.optional_functions.empty()
                              ? ""
                              : joined(plugin.optional_functions) + " of " + plugin.function_library);
  text += row("extensions", joined(plugin.required_extensions));
  text += row("offers", joined(plugin.offered_extensions));
  text += row("metrics", plugin.metric_prefix) + row("backlog", plugin.backlog_gauge);
  text += plugin.options.empty() ? "\nno options\n" : "\noptions\n";
  for (const auto& option : plugin.options) text += text_of(option);
  return text;
}

std::string describe_json(const description& plugin) {
  const json object{{"name", plugin.name},
                    {"version", plugin.version},
                    {"summary", plugin.summary},
                    {"author", plugin.author},
                    {"licence", plugin.licence},
                    {"sdk_version", plugin.sdk_version},
                    {"abi_major", plugin.abi_major},
                    {"abi_minor_required", plugin.abi_minor_required},
                    {"abi_minor_built", plugin.abi_minor_built},
                    {"serial", plugin.serial},
                    {"families", list_of(plugin.families)},
                    {"default_interval_ms", plugin.default_interval.count()},
                    {"default_page_size", plugin.default_page_size},
                    {"options", list_of(plugin.options)},
                    {"required_extensions", plugin.required_extensions},
                    {"offered_extensions", plugin.offered_extensions},
                    {"function_library", plugin.function_library},
                    {"functions", plugin.functions},
                    {"optional_functions", plugin.optional_functions},
                    {"metric_prefix", plugin.metric_prefix},
                    {"backlog_gauge", plugin.backlog_gauge}};
  return base::json_pretty(object);
}

}  // namespace scanhost::config
