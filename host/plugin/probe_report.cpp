// SPDX-License-Identifier: Apache-2.0
//
// The report as JSON.
#include "plugin/probe_report.hpp"

#include <nlohmann/json.hpp>

namespace scanhost::config {

// Found by nlohmann through the namespace of the types.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(family, name, tag_pattern, default_count, count_key, count_field)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(option, name, type, help, default_value, minimum, maximum)

}  // namespace scanhost::config

namespace scanhost::plugin {
namespace {

using json = nlohmann::json;

// A text of a plugin may be anything; what is not UTF-8 becomes the replacement character.
std::string line(const json& object) {
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

json to_json(const config::description& it) {
  return {{"name", it.name},
          {"version", it.version},
          {"summary", it.summary},
          {"author", it.author},
          {"licence", it.licence},
          {"sdk_version", it.sdk_version},
          {"abi_major", it.abi_major},
          {"abi_minor_required", it.abi_minor_required},
          {"abi_minor_built", it.abi_minor_built},
          {"serial", it.serial},
          {"families", it.families},
          {"default_interval_ms", it.default_interval.count()},
          {"default_page_size", it.default_page_size},
          {"options", it.options},
          {"required_extensions", it.required_extensions},
          {"function_library", it.function_library},
          {"functions", it.functions},
          {"metric_prefix", it.metric_prefix},
          {"backlog_gauge", it.backlog_gauge}};
}

config::description to_description(const json& from) {
  config::description it;
  from.at("name").get_to(it.name);
  from.at("version").get_to(it.version);
  from.at("summary").get_to(it.summary);
  from.at("author").get_to(it.author);
  from.at("licence").get_to(it.licence);
  from.at("sdk_version").get_to(it.sdk_version);
  from.at("abi_major").get_to(it.abi_major);
  from.at("abi_minor_required").get_to(it.abi_minor_required);
  from.at("abi_minor_built").get_to(it.abi_minor_built);
  from.at("serial").get_to(it.serial);
  from.at("families").get_to(it.families);
  it.default_interval = base::milliseconds(from.at("default_interval_ms").get<std::int64_t>());
  from.at("default_page_size").get_to(it.default_page_size);
  from.at("options").get_to(it.options);
  from.at("required_extensions").get_to(it.required_extensions);
  from.at("function_library").get_to(it.function_library);
  from.at("functions").get_to(it.functions);
  from.at("metric_prefix").get_to(it.metric_prefix);
  from.at("backlog_gauge").get_to(it.backlog_gauge);
  return it;
}

// Throws what nlohmann throws when the line is not one of ours.
void take_line(std::string_view text, probe_report& report) {
  const auto object = json::parse(text);
  if (object.contains("step")) {
    const auto number = object.at("step").get<int>();
    if (number >= 0 && number <= static_cast<int>(probe_step::done))
      report.step = static_cast<probe_step>(number);
  } else if (object.contains("refused")) {
    const auto number = object.at("refused").get<int>();
    if (number >= 0 && number <= static_cast<int>(refusal::staging_failed))
      report.refused = load_error{static_cast<refusal>(number), object.at("message").get<std::string>()};
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

std::string line_of(probe_step step) { return line({{"step", static_cast<int>(step)}}); }

std::string line_of(const load_error& refused) {
  return line({{"refused", static_cast<int>(refused.reason)}, {"message", refused.message}});
}

std::string line_of(const config::description& description) {
  return line({{"description", to_json(description)}});
}

probe_report read_report(std::string_view text) {
  probe_report report;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    try {
      take_line(text.substr(0, end), report);
    } catch (const json::exception&) {
      // not a line of the child's own
    }
    text.remove_prefix(end + 1);
  }
  return report;
}

}  // namespace scanhost::plugin
