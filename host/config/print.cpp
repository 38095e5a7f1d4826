// SPDX-License-Identifier: Apache-2.0
#include "config/print.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "config/quantity.hpp"

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
  for (const auto& one : texts) line += (line.empty() ? "" : ", ") + one;
  return line;
}

std::string abi_of(const description& plugin) {
  const auto major = std::to_string(plugin.abi_major) + ".";
  return major + std::to_string(plugin.abi_minor_required) + " (built with " + major +
         std::to_string(plugin.abi_minor_built) + ", SDK " + plugin.sdk_version + ")";
}

std::string text_of(const family& one) {
  if (one.tag_pattern.empty()) return one.name;
  auto text = one.name + " " + one.tag_pattern + ", " + std::to_string(one.default_count) + " partitions";
  if (!one.count_key.empty())
    text += " unless the store has a count in " + one.count_key + ", field " + one.count_field;
  return text;
}

std::string bound(const option& one, std::int64_t value) {
  if (one.type == option_type::duration) return format_duration(base::milliseconds(value));
  return one.type == option_type::size ? format_size(value) : std::to_string(value);
}

std::string text_of(const option& one) {
  auto text = "  " + one.name + ": " + to_text(one.type);
  if (one.minimum != 0 || one.maximum != 0) text += " from " + bound(one, one.minimum);
  if (one.maximum != 0 && one.maximum != std::numeric_limits<std::int64_t>::max())
    text += " to " + bound(one, one.maximum);
  text += one.default_value.empty() ? "" : ", default " + one.default_value;
  return text + "\n" + (one.help.empty() ? "" : "      " + one.help + "\n");
}

json json_of(const family& one) {
  return {{"name", one.name},
          {"tag_pattern", one.tag_pattern},
          {"default_count", one.default_count},
          {"count_key", one.count_key},
          {"count_field", one.count_field}};
}

json json_of(const option& one) {
  json object{
      {"name", one.name}, {"type", to_text(one.type)}, {"default", one.default_value}, {"help", one.help}};
  if (one.minimum != 0 || one.maximum != 0) {
    object["minimum"] = one.minimum;
    object["maximum"] = one.maximum;
  }
  return object;
}

template <class Rows>
json list_of(const Rows& rows) {
  auto list = json::array();
  for (const auto& one : rows) list.push_back(json_of(one));
  return list;
}

}  // namespace

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
  }
  return "unknown";
}

std::string describe_text(const description& plugin) {
  auto text = plugin.name + " " + plugin.version + "\n" +
              (plugin.summary.empty() ? "" : plugin.summary + "\n") + "\n";
  text += row("author", plugin.author) + row("licence", plugin.licence) + row("ABI", abi_of(plugin));
  for (const auto& one : plugin.families) text += row("family", text_of(one));
  text += row("interval", format_duration(plugin.default_interval));
  text += row("page size", std::to_string(plugin.default_page_size));
  text += row("serial", plugin.serial ? "yes" : "");
  text += row("functions",
              plugin.functions.empty() ? "" : joined(plugin.functions) + " of " + plugin.function_library);
  text += row("extensions", joined(plugin.required_extensions));
  text += row("metrics", plugin.metric_prefix) + row("backlog", plugin.backlog_gauge);
  text += plugin.options.empty() ? "\nno options\n" : "\noptions\n";
  for (const auto& one : plugin.options) text += text_of(one);
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
                    {"function_library", plugin.function_library},
                    {"functions", plugin.functions},
                    {"metric_prefix", plugin.metric_prefix},
                    {"backlog_gauge", plugin.backlog_gauge}};
  return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace scanhost::config
