// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "config/option_value.hpp"
#include "config/scanner_keys.hpp"
#include "metrics/name_rules.hpp"
#include "plugin/descriptor.hpp"
#include "scanhost/scanhost.h"

namespace scanhost::plugin {
namespace {

using config::description;
using check_result = std::optional<load_error>;

constexpr std::size_t max_name_size = 64;
constexpr std::int64_t max_min_length = 65'536;  // of a text or a list
constexpr std::array<std::string_view, 6> offered{SCANHOST_EXT_BLOCKING, SCANHOST_EXT_ENVIRONMENT,
                                                  SCANHOST_EXT_FAILURES, SCANHOST_EXT_MEMBERS,
                                                  SCANHOST_EXT_METRICS,  SCANHOST_EXT_WAITING};

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
         std::count(pattern.begin(), pattern.end(), '*') <= 1 &&
         std::count(pattern.begin(), pattern.end(), '{') == 1 &&
         std::count(pattern.begin(), pattern.end(), '}') == 1;
}

check_result check_host_family(const config::family& family, std::string_view file) {
  if (family.tag_pattern.empty() && !family.listed()) return {};
  return bad_descriptor(
      file,
      fmt::format("its family '{}' has {}, but that family belongs to the host; leave all but its name empty",
                  family.name, family.listed() ? "members" : "a tag pattern"));
}

check_result check_counted_family(const config::family& family, std::string_view file) {
  const auto refuse_family = [&](const std::string& problem) {
    return bad_descriptor(file, fmt::format("its family '{}' {}", family.name, problem));
  };
  if (!family.members_from.empty())
    return refuse_family(
        "has members_from, but its members are counted; set `members` too, or leave it empty");
  if (!family.counted()) {
    if (family.default_count > 1 || !family.count_key.empty())
      return refuse_family(fmt::format(
          "has the constant tag '{}' and a number of partitions; write one * into its tag pattern, or leave default_count and count_key empty",
          family.tag_pattern));
  } else if (family.default_count < 1 || family.default_count > config::max_partitions) {
    return refuse_family(fmt::format("has {} partitions by default; set 1 to {}", family.default_count,
                                     config::max_partitions));
  }
  if (family.count_key.empty() != family.count_field.empty())
    return refuse_family("has only one of count_key and count_field; set both or none");
  return {};
}

check_result check_listed_family(const config::family& family, std::string_view file) {
  const auto refuse_family = [&](std::string_view problem) {
    return bad_descriptor(file, fmt::format("its family '{}' is listed, but {}", family.name, problem));
  };
  if (family.tag_pattern.find('*') == std::string::npos)
    return refuse_family("its tag pattern has no * for the member; write one, such as {queue:*}");
  if (family.default_count != 0 || !family.count_key.empty() || !family.count_field.empty())
    return refuse_family("has a count; leave default_count, count_key and count_field empty");
  if (family.members == config::member_source::plugin && !family.members_from.empty())
    return refuse_family("has members_from, although the plugin names the members; leave it empty");
  if (family.members == config::member_source::key && family.members_from.empty())
    return refuse_family(
        "names no key in members_from; set it to the set or sorted set that has the members");
  return {};
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
            "its family '{}' has the tag pattern '{}'; write one pair of braces around a text with at most one *, such as {{shard:*}}",
            name, family.tag_pattern.substr(0, max_name_size)));
  return family.listed() ? check_listed_family(family, file) : check_counted_family(family, file);
}

// Only the family that is swept has its members looked up.
check_result check_members(const description& plugin, std::string_view file) {
  for (const auto& family : plugin.families) {
    if (!family.listed()) continue;
    if (&family != &plugin.families.front())
      return bad_descriptor(
          file,
          fmt::format(
              "its family '{}' is listed, but not its first; only the family that it scans can be listed: describe it first, or leave it out",
              family.name));
    if (family.members != config::member_source::option) continue;
    const auto* option = plugin.find_option(family.members_from);
    if (option == nullptr || option->type != config::option_type::text_list)
      return bad_descriptor(
          file,
          fmt::format(
              "its family '{}' takes its members from the option '{}', which is {}; describe that option as a text list",
              family.name, family.members_from, option == nullptr ? "not in its table" : "of another type"));
  }
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

using problem = std::optional<std::string>;

// The sentences below go on after "its option 'x' ".
problem check_kind(const config::option& option) {
  using config::option_type;
  const bool is_list = option.type == option_type::text_list;
  if (is_list && !option.default_value.empty())
    return "is a list and has a default_value; set default_values, one element each";
  if (!is_list && !option.default_values.empty())
    return "has default_values and is no list; set default_value";
  if (option.type != option_type::choice && !option.choices.empty())
    return "has choices and is no choice; set the type SCANHOST_OPTION_CHOICE, or leave them out";
  if (option.secret && option.type != option_type::text)
    return "is secret and no text; set the type SCANHOST_OPTION_TEXT, or leave the flag out";
  const bool has_default = !option.default_value.empty() || !option.default_values.empty();
  if (option.secret && has_default)
    return "is secret and has a default, which everybody could read; leave it out";
  if (option.required && has_default)
    return "is required and has a default that would never be used; leave one of them out";
  return {};
}

problem check_choices(const config::option& option) {
  if (option.type != config::option_type::choice) return {};
  if (option.choices.empty()) return "is a choice without choices; name at least one";
  std::set<std::string_view> seen;
  for (const auto& choice : option.choices) {
    if (choice.empty()) return "has an empty choice; give it a name";
    if (!seen.insert(choice).second) return fmt::format("has the choice '{}' twice; remove one", choice);
  }
  return {};
}

template <class Bound>
problem check_order(const std::optional<Bound>& minimum, const std::optional<Bound>& maximum) {
  if (!minimum || !maximum || *minimum <= *maximum) return {};
  return fmt::format("has the minimum {} above the maximum {}; correct one of them", *minimum, *maximum);
}

problem check_bounds(const config::option& option) {
  using config::option_type;
  const bool bounded = option.minimum || option.maximum || option.real_minimum || option.real_maximum;
  if (bounded && (option.type == option_type::flag || option.type == option_type::choice))
    return "has bounds, and its type knows none; leave them out";
  for (const auto& bound : {option.real_minimum, option.real_maximum})
    if (bound && !std::isfinite(*bound))
      return "has a bound that is not finite; leave the flag of that bound out";
  const bool has_length = option.type == option_type::text || option.type == option_type::text_list;
  if (has_length && option.minimum && (*option.minimum < 0 || *option.minimum > max_min_length))
    return fmt::format("has the minimum {} for a length; set 0 to {}", *option.minimum, max_min_length);
  if (auto wrong = check_order(option.minimum, option.maximum)) return wrong;
  return check_order(option.real_minimum, option.real_maximum);
}

problem check_default(const config::option& option) {
  if (option.required) return {};
  const auto value = config::default_value(option);
  if (value) return {};
  return fmt::format(
      "has a default that it would refuse itself: {}; correct the default or the bounds, or make it required",
      value.error().reason);
}

problem check_option_name(const config::option& option) {
  if (!is_snake_case(option.name)) return "is not named [a-z][a-z0-9_]*; rename it";
  if (is_key_of_the_host(option.name)) return "has the name of one of the host's own keys; rename it";
  return {};
}

check_result check_option(const config::option& option, std::string_view file) {
  for (const auto check : {check_option_name, check_kind, check_choices, check_bounds, check_default})
    if (const auto wrong = check(option))
      return refuse(refusal::bad_options, file,
                    fmt::format("its option '{}' {}", option.name.substr(0, max_name_size), *wrong));
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
  for (const auto& option : plugin.options)
    for (const auto& key : config::yaml_keys(option))
      if (option.secret && seen.contains(key))
        return refuse(
            refusal::bad_options, file,
            fmt::format("its option '{}' has the name by which YAML gives the secret '{}'; rename it", key,
                        option.name));
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
  const bool named = std::ranges::count(plugin.functions, std::string()) == 0 &&
                     std::ranges::count(plugin.optional_functions, std::string()) == 0;
  const bool any = !plugin.functions.empty() || !plugin.optional_functions.empty();
  if (!named || (any && plugin.function_library.empty()))
    return bad_descriptor(
        file,
        "it needs functions but leaves out their names or their library; set function_library and every name in functions and optional_functions");
  return {};
}

}  // namespace

bool offers_extension(std::string_view id) noexcept {
  return std::find(offered.begin(), offered.end(), id) != offered.end();
}

std::optional<load_error> check_description(const description& description, std::string_view name) {
  for (const auto check : {check_name, check_texts, check_families, check_members, check_defaults,
                           check_metrics, check_options, check_extensions, check_functions})
    if (auto wrong = check(description, name)) return wrong;
  return {};
}

}  // namespace scanhost::plugin
