// SPDX-License-Identifier: Apache-2.0
#include "plugin/probe_report.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "base/json.hpp"

namespace scanhost::plugin {
namespace {

using json = nlohmann::json;
using base::to_integer;

template <class Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

std::optional<std::int64_t> integer_or_none(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(to_integer<std::int64_t>(value));
}

std::optional<double> real_or_none(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

// A value of an enumeration without gaps.
template <class Value>
Value to_enum(const json& value, Value first, Value last) {
  return static_cast<Value>(to_integer(value, static_cast<int>(first), static_cast<int>(last)));
}

json to_json(const std::vector<config::family>& families) {
  auto array = json::array();
  for (const auto& family : families)
    array.push_back({{"name", family.name},
                     {"tag_pattern", family.tag_pattern},
                     {"default_count", family.default_count},
                     {"count_key", family.count_key},
                     {"count_field", family.count_field},
                     {"members", family.members},
                     {"members_from", family.members_from}});
  return array;
}

config::family to_family(const json& object) {
  using config::member_source;
  config::family family;
  object.at("name").get_to(family.name);
  object.at("tag_pattern").get_to(family.tag_pattern);
  family.default_count = to_integer<std::uint32_t>(object.at("default_count"));
  object.at("count_key").get_to(family.count_key);
  object.at("count_field").get_to(family.count_field);
  family.members = to_enum(object.at("members"), member_source::counted, member_source::plugin);
  object.at("members_from").get_to(family.members_from);
  return family;
}

json to_json(const std::vector<config::option>& options) {
  auto array = json::array();
  for (const auto& option : options)
    array.push_back({{"name", option.name},
                     {"type", option.type},
                     {"help", option.help},
                     {"default_value", option.default_value},
                     {"minimum", or_null(option.minimum)},
                     {"maximum", or_null(option.maximum)},
                     {"real_minimum", or_null(option.real_minimum)},
                     {"real_maximum", or_null(option.real_maximum)},
                     {"default_values", option.default_values},
                     {"choices", option.choices},
                     {"required", option.required},
                     {"secret", option.secret}});
  return array;
}

config::option to_option(const json& object) {
  config::option option;
  object.at("name").get_to(option.name);
  option.type = to_enum(object.at("type"), config::option_type::text, config::option_type::choice);
  object.at("help").get_to(option.help);
  object.at("default_value").get_to(option.default_value);
  option.minimum = integer_or_none(object.at("minimum"));
  option.maximum = integer_or_none(object.at("maximum"));
  option.real_minimum = real_or_none(object.at("real_minimum"));
  option.real_maximum = real_or_none(object.at("real_maximum"));
  object.at("default_values").get_to(option.default_values);
  object.at("choices").get_to(option.choices);
  object.at("required").get_to(option.required);
  object.at("secret").get_to(option.secret);
  return option;
}

json to_json(const config::description& description) {
  return {{"name", description.name},
          {"version", description.version},
          {"summary", description.summary},
          {"author", description.author},
          {"licence", description.licence},
          {"sdk_version", description.sdk_version},
          {"abi_major", description.abi_major},
          {"abi_minor_required", description.abi_minor_required},
          {"abi_minor_built", description.abi_minor_built},
          {"serial", description.serial},
          {"families", to_json(description.families)},
          {"default_interval_ms", description.default_interval.count()},
          {"default_page_size", description.default_page_size},
          {"options", to_json(description.options)},
          {"required_extensions", description.required_extensions},
          {"offered_extensions", description.offered_extensions},
          {"function_library", description.function_library},
          {"functions", description.functions},
          {"optional_functions", description.optional_functions},
          {"metric_prefix", description.metric_prefix},
          {"backlog_gauge", description.backlog_gauge}};
}

config::description to_description(const json& object) {
  config::description description;
  object.at("name").get_to(description.name);
  object.at("version").get_to(description.version);
  object.at("summary").get_to(description.summary);
  object.at("author").get_to(description.author);
  object.at("licence").get_to(description.licence);
  object.at("sdk_version").get_to(description.sdk_version);
  description.abi_major = to_integer<std::uint16_t>(object.at("abi_major"));
  description.abi_minor_required = to_integer<std::uint16_t>(object.at("abi_minor_required"));
  description.abi_minor_built = to_integer<std::uint16_t>(object.at("abi_minor_built"));
  object.at("serial").get_to(description.serial);
  for (const auto& family : object.at("families")) description.families.push_back(to_family(family));
  description.default_interval =
      base::milliseconds(to_integer<std::int64_t>(object.at("default_interval_ms")));
  description.default_page_size = to_integer<std::uint32_t>(object.at("default_page_size"));
  for (const auto& option : object.at("options")) description.options.push_back(to_option(option));
  object.at("required_extensions").get_to(description.required_extensions);
  object.at("offered_extensions").get_to(description.offered_extensions);
  object.at("function_library").get_to(description.function_library);
  object.at("functions").get_to(description.functions);
  object.at("optional_functions").get_to(description.optional_functions);
  object.at("metric_prefix").get_to(description.metric_prefix);
  object.at("backlog_gauge").get_to(description.backlog_gauge);
  return description;
}

// Throws if the line is not one of ours.
void take_line(std::string_view text, probe_report& report) {
  const auto object = json::parse(text);
  if (object.contains("step")) {
    report.step = to_enum(object.at("step"), probe_step::start, probe_step::done);
  } else if (object.contains("refused")) {
    report.refused = load_error{to_enum(object.at("refused"), refusal::missing_file, refusal::staging_failed),
                                object.at("message").get<std::string>()};
  } else if (object.contains("bad_option")) {
    report.bad_option =
        bad_option{object.at("bad_option").get<std::string>(), object.at("message").get<std::string>()};
  } else {
    report.description = to_description(object.at("description"));
  }
}

}  // namespace

std::string_view to_text(probe_step step) noexcept {
  switch (step) {
    case probe_step::start:
      return "before it was opened";
    case probe_step::open:
      return "while it was opened, in its constructors";
    case probe_step::entry:
      return "in scanhost_plugin_entry";
    case probe_step::describe:
      return "while its descriptor was read";
    case probe_step::create:
      return "in its create";
    case probe_step::destroy:
      return "in its destroy";
    case probe_step::close:
      return "while it was closed, in its destructors";
    case probe_step::done:
      return "at the end";
  }
  return "";
}

std::string line_of(probe_step step) { return base::json_line(json{{"step", static_cast<int>(step)}}); }

std::string line_of(const load_error& refused) {
  return base::json_line(json{{"refused", static_cast<int>(refused.reason)}, {"message", refused.message}});
}

std::string line_of(const bad_option& refused) {
  return base::json_line(json{{"bad_option", refused.option}, {"message", refused.message}});
}

std::string line_of(const config::description& description) {
  return base::json_line(json{{"description", to_json(description)}});
}

probe_report read_report(std::string_view text) {
  probe_report report;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    try {
      take_line(text.substr(0, end), report);
    } catch (const std::exception&) {
      // not a line of ours
    }
    text.remove_prefix(end + 1);
  }
  return report;
}

}  // namespace scanhost::plugin
