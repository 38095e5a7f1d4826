// SPDX-License-Identifier: Apache-2.0
//
// The rules of a description, one small check each. The host lives by them later without looking again.
#include <algorithm>
#include <array>
#include <set>

#include "plugin/default_value.hpp"
#include "plugin/descriptor.hpp"
#include "scanhost/scanhost.h"

namespace scanhost::plugin {
namespace {

using config::description;
using outcome = std::optional<load_error>;

constexpr std::size_t max_name_size = 64;
constexpr std::uint32_t max_partitions = 65'535;
constexpr base::milliseconds min_interval{100};
constexpr std::array<std::string_view, 3> offered{SCANHOST_EXT_FAILURES, SCANHOST_EXT_METRICS,
                                                  SCANHOST_EXT_BLOCKING};

// Keys that stand beside an option in YAML, or will: an option of that name could not be told from them.
constexpr std::array<std::string_view, 13> host_keys{
    "interval",     "enabled", "drain",  "page_size", "budget", "concurrency", "scan_timeout",
    "hang_timeout", "unload",  "plugin", "options",   "sha256", "reload"};

outcome refuse(refusal reason, std::string_view file, const std::string& message) {
  return load_error{reason, std::string(file) + ": " + message};
}

bool is_snake_case(std::string_view name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto rest = [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= max_name_size && small(name.front()) &&
         std::all_of(name.begin(), name.end(), rest);
}

bool is_metric_text(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  const auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return name.empty() || (letter(name.front()) && std::all_of(name.begin(), name.end(), rest));
}

outcome check_name(const description& it, std::string_view file) {
  if (is_snake_case(it.name)) return {};
  return refuse(refusal::bad_descriptor, file,
                "its name '" + it.name.substr(0, max_name_size) +
                    "' is not [a-z][a-z0-9_]* of at most 64 bytes; change the name in the descriptor");
}

// What ends up in logs, tables and metrics has to be one line of text.
outcome check_texts(const description& it, std::string_view file) {
  for (const auto* text :
       {&it.version, &it.summary, &it.author, &it.licence, &it.sdk_version, &it.function_library}) {
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(text->begin(), text->end(), control))
      return refuse(
          refusal::bad_descriptor, file,
          "a text of its descriptor has control characters; version, summary, author, licence and function_library are one line each");
  }
  if (it.function_library.find('/') != std::string::npos)
    return refuse(refusal::bad_descriptor, file,
                  "its function library '" + it.function_library +
                      "' has a slash; give the library's name, without a path");
  return {};
}

bool is_tag_pattern(std::string_view pattern) {
  return pattern.size() >= 3 && pattern.front() == '{' && pattern.back() == '}' &&
         std::count(pattern.begin(), pattern.end(), '*') == 1 &&
         std::count(pattern.begin(), pattern.end(), '{') == 1 &&
         std::count(pattern.begin(), pattern.end(), '}') == 1;
}

outcome check_family(const config::family& family, std::string_view file) {
  if (!is_snake_case(family.name))
    return refuse(refusal::bad_descriptor, file,
                  "its family '" + family.name.substr(0, max_name_size) +
                      "' is not named [a-z][a-z0-9_]*; change that name");
  if (family.name == "node" || family.name == "single") {
    if (family.tag_pattern.empty()) return {};
    return refuse(
        refusal::bad_descriptor, file,
        "its family '" + family.name +
            "' has a tag pattern, but that family belongs to the host; leave all but its name empty");
  }
  if (!is_tag_pattern(family.tag_pattern))
    return refuse(refusal::bad_descriptor, file,
                  "its family '" + family.name + "' has the tag pattern '" +
                      family.tag_pattern.substr(0, max_name_size) +
                      "'; write one pair of braces around a text with exactly one *, such as {shard:*}");
  if (family.default_count < 1 || family.default_count > max_partitions)
    return refuse(refusal::bad_descriptor, file,
                  "its family '" + family.name + "' has " + std::to_string(family.default_count) +
                      " partitions by default; give 1 to 65535");
  if (family.count_key.empty() != family.count_field.empty())
    return refuse(
        refusal::bad_descriptor, file,
        "its family '" + family.name + "' has only one of count_key and count_field; give both or none");
  return {};
}

outcome check_families(const description& it, std::string_view file) {
  if (it.families.empty())
    return refuse(refusal::bad_descriptor, file, "it names no family; name the one that it is swept over");
  std::set<std::string_view> seen;
  for (const auto& family : it.families) {
    if (auto problem = check_family(family, file)) return problem;
    if (!seen.insert(family.name).second)
      return refuse(refusal::bad_descriptor, file,
                    "it describes its family '" + family.name + "' twice; remove one");
  }
  return {};
}

outcome check_defaults(const description& it, std::string_view file) {
  if (it.default_interval < min_interval)
    return refuse(refusal::bad_descriptor, file,
                  "its default interval is " + std::to_string(it.default_interval.count()) +
                      " ms; give at least 100 ms");
  if (it.default_page_size < 1)
    return refuse(refusal::bad_descriptor, file, "its default page size is 0; give at least 1");
  return {};
}

outcome check_metrics(const description& it, std::string_view file) {
  for (const auto* name : {&it.metric_prefix, &it.backlog_gauge})
    if (!is_metric_text(*name))
      return refuse(
          refusal::bad_descriptor, file,
          "'" + name->substr(0, max_name_size) +
              "' cannot be part of a metric's name; use [a-zA-Z_:][a-zA-Z0-9_:]* in metric_prefix and backlog_gauge");
  return {};
}

outcome check_option(const config::option& option, std::string_view file) {
  const auto wrong = [&](const std::string& what) {
    return refuse(refusal::bad_options, file,
                  "its option '" + option.name.substr(0, max_name_size) + "' " + what);
  };
  if (!is_snake_case(option.name)) return wrong("is not named [a-z][a-z0-9_]*; rename it");
  if (std::find(host_keys.begin(), host_keys.end(), option.name) != host_keys.end())
    return wrong("has the name of one of the host's own keys; rename it");
  if (option.minimum > option.maximum)
    return wrong("has the minimum " + std::to_string(option.minimum) + " above the maximum " +
                 std::to_string(option.maximum) + "; set both, or both to 0 for no bounds");
  if (const auto value = default_value(option); !value)
    return wrong("has a default that it would refuse itself: " + value.error().what +
                 "; correct the default or the bounds");
  return {};
}

outcome check_options(const description& it, std::string_view file) {
  std::set<std::string_view> seen;
  for (const auto& option : it.options) {
    if (auto problem = check_option(option, file)) return problem;
    if (!seen.insert(option.name).second)
      return refuse(refusal::bad_options, file,
                    "its option '" + option.name + "' stands in the table twice; remove one");
  }
  return {};
}

outcome check_extensions(const description& it, std::string_view file) {
  for (const auto& required : it.required_extensions) {
    if (offers_extension(required)) continue;
    std::string available;
    for (const auto id : offered) available += (available.empty() ? "" : ", ") + std::string(id);
    return refuse(refusal::missing_extension, file,
                  "plugin " + it.name + " " + it.version + " needs the extension '" +
                      required.substr(0, max_name_size) + "', this host has " + available +
                      "; upgrade scanhost, or use a build that does without");
  }
  return {};
}

outcome check_functions(const description& it, std::string_view file) {
  const auto unnamed = std::find(it.functions.begin(), it.functions.end(), std::string());
  if (unnamed != it.functions.end() || (!it.functions.empty() && it.function_library.empty()))
    return refuse(
        refusal::bad_descriptor, file,
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
    if (auto problem = check(description, name)) return problem;
  return {};
}

}  // namespace scanhost::plugin
