// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "config/scanner_keys.hpp"
#include "metrics/name_rules.hpp"
#include "plugin/default_value.hpp"
#include "plugin/descriptor.hpp"
#include "scanhost/scanhost.h"

namespace scanhost::plugin {
namespace {

using config::description;
using check_result = std::optional<load_error>;

constexpr std::size_t max_name_size = 64;
constexpr std::array<std::string_view, 3> offered{SCANHOST_EXT_FAILURES, SCANHOST_EXT_METRICS,
                                                  SCANHOST_EXT_BLOCKING};

// An option of such a name could not be told from the host's own key.
bool is_key_of_the_host(std::string_view name) {
  const auto keys = config::scanner_key_names();
  return std::find(keys.begin(), keys.end(), name) != keys.end();
}

check_result refuse(refusal reason, std::string_view file, std::string_view message) {
  return load_error{reason, fmt::format("{}: {}", file, message)};
}

check_result bad_descriptor(std::string_view file, std::string_view message) {
  return refuse(refusal::bad_descriptor, file, message);
}

bool is_snake_case(std::string_view name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto rest = [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= max_name_size && small(name.front()) &&
         std::all_of(name.begin(), name.end(), rest);
}

check_result check_name(const description& plugin, std::string_view file) {
  if (is_snake_case(plugin.name)) return {};
  return bad_descriptor(
      file, fmt::format(
                "its name '{}' is not [a-z][a-z0-9_]* of at most 64 bytes; change the name in the descriptor",
                plugin.name.substr(0, max_name_size)));
}

// What ends up in logs, tables and metrics has to be one line of text.
check_result check_texts(const description& plugin, std::string_view file) {
  for (const auto* text : {&plugin.version, &plugin.summary, &plugin.author, &plugin.licence,
                           &plugin.sdk_version, &plugin.function_library}) {
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(text->begin(), text->end(), control))
      return bad_descriptor(
          file,
          "a text of its descriptor has control characters; version, summary, author, licence and function_library must be one line each");
  }
  if (plugin.function_library.find('/') != std::string::npos)
    return bad_descriptor(
        file, fmt::format("its function library '{}' has a slash; set the library's name, without a path",
                          plugin.function_library));
  return {};
}

bool is_tag_pattern(std::string_view pattern) {
  return pattern.size() >= 3 && pattern.front() == '{' && pattern.back() == '}' &&
         std::count(pattern.begin(), pattern.end(), '*') == 1 &&
         std::count(pattern.begin(), pattern.end(), '{') == 1 &&
         std::count(pattern.begin(), pattern.end(), '}') == 1;
}

check_result check_host_family(const config::family& family, std::string_view file) {
  if (family.tag_pattern.empty()) return {};
  return bad_descriptor(
      file,
      fmt::format(
          "its family '{}' has a tag pattern, but that family belongs to the host; leave all but its name empty",
          family.name));
}

check_result check_family(const config::family& family, std::string_view file) {
  const auto name = family.name.substr(0, max_name_size);
  if (!is_snake_case(family.name))
    return bad_descriptor(
        file, fmt::format("its family '{}' is not named [a-z][a-z0-9_]*; change that name", name));
  if (name == "node" || name == "single") return check_host_family(family, file);
  if (!is_tag_pattern(family.tag_pattern))
    return bad_descriptor(
        file,
        fmt::format(
            "its family '{}' has the tag pattern '{}'; write one pair of braces around a text with exactly one *, such as {{shard:*}}",
            name, family.tag_pattern.substr(0, max_name_size)));
  if (family.default_count < 1 || family.default_count > config::max_partitions)
    return bad_descriptor(file, fmt::format("its family '{}' has {} partitions by default; set 1 to {}", name,
                                            family.default_count, config::max_partitions));
  if (family.count_key.empty() != family.count_field.empty())
    return bad_descriptor(
        file,
        fmt::format("its family '{}' has only one of count_key and count_field; set both or none", name));
  return {};
}

check_result check_families(const description& plugin, std::string_view file) {
  if (plugin.families.empty())
    return bad_descriptor(file, "it names no family; name the one whose partitions it scans");
  std::set<std::string_view> seen;
  for (const auto& family : plugin.families) {
    if (auto wrong = check_family(family, file)) return wrong;
    if (!seen.insert(family.name).second)
      return bad_descriptor(file, fmt::format("it describes its family '{}' twice; remove one", family.name));
  }
  return {};
}

check_result check_defaults(const description& plugin, std::string_view file) {
  if (plugin.default_interval < config::min_interval)
    return bad_descriptor(file, fmt::format("its default interval is {} ms; set at least {} ms",
                                            plugin.default_interval.count(), config::min_interval.count()));
  if (plugin.default_page_size < 1) return bad_descriptor(file, "its default page size is 0; set at least 1");
  return {};
}

check_result check_metrics(const description& plugin, std::string_view file) {
  for (const auto* name : {&plugin.metric_prefix, &plugin.backlog_gauge})
    if (!name->empty() && !metrics::valid_metric_name(*name))
      return bad_descriptor(
          file,
          fmt::format(
              "'{}' cannot be part of a metric's name; use [a-zA-Z_:][a-zA-Z0-9_:]* in metric_prefix and backlog_gauge",
              name->substr(0, max_name_size)));
  return {};
}

check_result check_option(const config::option& option, std::string_view file) {
  const auto refuse_option = [&](const std::string& message) {
    return refuse(refusal::bad_options, file,
                  fmt::format("its option '{}' {}", option.name.substr(0, max_name_size), message));
  };
  if (!is_snake_case(option.name)) return refuse_option("is not named [a-z][a-z0-9_]*; rename it");
  if (is_key_of_the_host(option.name))
    return refuse_option("has the name of one of the host's own keys; rename it");
  if (option.minimum > option.maximum)
    return refuse_option(
        fmt::format("has the minimum {} above the maximum {}; set both, or both to 0 for no bounds",
                    option.minimum, option.maximum));
  if (const auto value = default_value(option); !value)
    return refuse_option(
        fmt::format("has a default that it would refuse itself: {}; correct the default or the bounds",
                    value.error().reason));
  return {};
}

check_result check_options(const description& plugin, std::string_view file) {
  std::set<std::string_view> seen;
  for (const auto& option : plugin.options) {
    if (auto wrong = check_option(option, file)) return wrong;
    if (!seen.insert(option.name).second)
      return refuse(refusal::bad_options, file,
                    fmt::format("its option '{}' is listed twice; remove one", option.name));
  }
  return {};
}

check_result check_extensions(const description& plugin, std::string_view file) {
  for (const auto& required : plugin.required_extensions)
    if (!offers_extension(required))
      return refuse(
          refusal::missing_extension, file,
          fmt::format(
              "plugin {} {} needs the extension '{}', this host has {}; upgrade scanhost, or use a build that does without",
              plugin.name, plugin.version, required.substr(0, max_name_size), fmt::join(offered, ", ")));
  return {};
}

check_result check_functions(const description& plugin, std::string_view file) {
  const auto unnamed = std::find(plugin.functions.begin(), plugin.functions.end(), std::string());
  if (unnamed != plugin.functions.end() || (!plugin.functions.empty() && plugin.function_library.empty()))
    return bad_descriptor(
        file,
        "it needs functions but leaves out their names or their library; set function_library and every name in functions");
  return {};
}

}  // namespace

bool offers_extension(std::string_view id) noexcept {
  return std::find(offered.begin(), offered.end(), id) != offered.end();
}

std::optional<load_error> check_description(const description& description, std::string_view name) {
  for (const auto check : {check_name, check_texts, check_families, check_defaults, check_metrics,
                           check_options, check_extensions, check_functions})
    if (auto wrong = check(description, name)) return wrong;
  return {};
}

}  // namespace scanhost::plugin
