// SPDX-License-Identifier: Apache-2.0
#include "verify/report.hpp"

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "plugin/probe_report.hpp"

namespace scanhost::verify {
namespace {

using nlohmann::json;

exercise exercise_of(const json& object) {
  exercise seen;
  object.at("scans").get_to(seen.scans);
  object.at("turns").get_to(seen.turns);
  object.at("commands").get_to(seen.commands);
  object.at("acting_calls").get_to(seen.acting_calls);
  object.at("processed").get_to(seen.processed);
  object.at("skipped").get_to(seen.skipped);
  object.at("holds_back").get_to(seen.holds_back);
  object.at("unknown").get_to(seen.unknown);
  return seen;
}

observed_commands commands_of(const json& object) {
  observed_commands seen;
  object.at("names").get_to(seen.names);
  object.at("in_scripts").get_to(seen.in_scripts);
  object.at("keys").get_to(seen.keys);
  object.at("channels").get_to(seen.channels);
  object.at("unknown").get_to(seen.unknown);
  object.at("writes").get_to(seen.writes);
  return seen;
}

// Throws a json::exception if the line is not one of ours.
void take_line(const json& object, check_report& report) {
  if (object.contains("step")) report.step = object.at("step").get<std::string>();
  if (object.contains("fault"))
    report.found.push_back({object.at("fault"), object.at("what"), object.at("fix")});
  if (object.contains("exercised")) report.exercised = exercise_of(object.at("exercised"));
  if (object.contains("sent")) report.sent.merge(commands_of(object.at("sent")));
  if (object.contains("hung")) report.hung = true;
  if (object.contains("done")) report.done = true;
}

}  // namespace

std::string line_of_step(std::string_view step) { return base::json_line(json{{"step", step}}); }

std::string line_of(const finding& finding) {
  return base::json_line(json{{"fault", finding.fault}, {"what", finding.what}, {"fix", finding.fix}});
}

std::string line_of(const exercise& seen) {
  return base::json_line(json{{"exercised",
                               {{"scans", seen.scans},
                                {"turns", seen.turns},
                                {"commands", seen.commands},
                                {"acting_calls", seen.acting_calls},
                                {"processed", seen.processed},
                                {"skipped", seen.skipped},
                                {"holds_back", seen.holds_back},
                                {"unknown", seen.unknown}}}});
}

std::string line_of(const observed_commands& seen) {
  return base::json_line(json{{"sent",
                               {{"names", seen.names},
                                {"in_scripts", seen.in_scripts},
                                {"keys", seen.keys},
                                {"channels", seen.channels},
                                {"unknown", seen.unknown},
                                {"writes", seen.writes}}}});
}

std::string line_of_done() { return base::json_line(json{{"done", true}}); }

check_report read_check_report(std::string_view text) {
  check_report report;
  report.description = plugin::read_report(text).description;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto object = json::parse(text.substr(0, end), nullptr, false);
    try {
      if (object.is_object() && !object.contains("description")) take_line(object, report);
    } catch (const json::exception&) {
      // a line of the plugin's
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return report;
}

}  // namespace scanhost::verify
