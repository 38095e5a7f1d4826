// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin verify`: prints what the conformance checks found, and how to fix it.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/counted.hpp"
#include "base/json.hpp"
#include "commands/output.hpp"
#include "commands/plugin_files.hpp"
#include "commands/requests.hpp"
#include "verify/verify.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const verify::check_result& check) {
  ordered_json object{{"name", check.name},
                      {"outcome", std::string(to_text(check.outcome))},
                      {"proves", check.proves},
                      {"findings", ordered_json::array()}};
  for (const auto& finding : check.found)
    object["findings"].push_back({{"fault", finding.fault}, {"what", finding.what}, {"fix", finding.fix}});
  if (check.outcome == verify::verdict::skipped) object["skipped_because"] = check.skipped_because;
  return object;
}

base::result<void> print_json(const verify::report& report) {
  ordered_json object{{"file", report.file.string()}, {"ok", report.clean()}};
  object["plugin"] = report.description ? ordered_json(report.description->name) : ordered_json(nullptr);
  object["version"] = report.description ? ordered_json(report.description->version) : ordered_json(nullptr);
  object["checks"] = ordered_json::array();
  for (const auto& check : report.checks) object["checks"].push_back(to_json(check));
  return print(base::json_pretty(object));
}

// How to fix a fault is printed once.
std::string lines_of(const verify::check_result& check, std::set<std::string>& fixes_printed) {
  auto text = fmt::format("{:<8}{:<24}{}\n", to_text(check.outcome), check.name,
                          check.outcome == verify::verdict::skipped ? check.skipped_because : check.proves);
  for (const auto& finding : check.found) {
    text += fmt::format("        {}: {}\n", finding.fault, finding.what);
    if (fixes_printed.insert(finding.fault).second) text += fmt::format("          fix: {}\n", finding.fix);
  }
  return text;
}

std::string summary_of(const verify::report& report) {
  std::size_t passed = 0, findings = 0;
  for (const auto& check : report.checks) {
    passed += check.outcome == verify::verdict::passed ? 1 : 0;
    findings += check.found.size();
  }
  const auto who = report.description ? report.description->name + " " + report.description->version
                                      : report.file.string();
  const auto checks = base::counted(report.checks.size(), "check");
  return report.clean()
             ? fmt::format("{}: {}{} passed\n", who, report.checks.size() > 1 ? "all " : "", checks)
             : fmt::format("{}: {} of {} passed, {}\n", who, passed, checks,
                           base::counted(findings, "finding"));
}

}  // namespace

base::exit_code verify_plugin(const verify_request& request) {
  const auto known = plugin_sources(request.folders, request.config);
  if (!known) return report(known.error());
  verify::options how;
  how.rules.allow_needed = known->allow_needed;
  how.only = request.checks;
  if (request.limit) how.limit = *request.limit;
  std::set<std::string> fixes_printed;
  const auto show = [&](const verify::check_result& check) {
    if (!request.json) static_cast<void>(print(lines_of(check, fixes_printed)));
  };
  const auto verification = verify::verify_plugin(find_plugin(request.plugin, known->folders), how, show);
  if (!verification) return report_refusal(verification.error());
  if (auto printed = request.json ? print_json(*verification) : print(summary_of(*verification)); !printed)
    return report(printed.error());
  return verification->clean() ? base::exit_code::ok : base::exit_code::failed;
}

}  // namespace scanhost::commands
