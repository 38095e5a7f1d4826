// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin verify`: prints what the conformance checks found, and how to mend it.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

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
  for (const auto& one : check.found)
    object["findings"].push_back({{"fault", one.fault}, {"what", one.what}, {"mend", one.mend}});
  if (check.outcome == verify::verdict::skipped) object["skipped_because"] = check.skipped_because;
  return object;
}

base::result<void> print_json(const verify::report& told) {
  ordered_json object{{"file", told.file.string()}, {"ok", told.clean()}};
  object["plugin"] = told.description ? ordered_json(told.description->name) : ordered_json(nullptr);
  object["version"] = told.description ? ordered_json(told.description->version) : ordered_json(nullptr);
  object["checks"] = ordered_json::array();
  for (const auto& check : told.checks) object["checks"].push_back(to_json(check));
  return print(object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

// How to mend a fault is said once.
std::string lines_of(const verify::check_result& check, std::set<std::string>& mended) {
  auto text = fmt::format("{:<8}{:<24}{}\n", to_text(check.outcome), check.name,
                          check.outcome == verify::verdict::skipped ? check.skipped_because : check.proves);
  for (const auto& one : check.found) {
    text += fmt::format("        {}: {}\n", one.fault, one.what);
    if (mended.insert(one.fault).second) text += fmt::format("          mend: {}\n", one.mend);
  }
  return text;
}

std::string summary_of(const verify::report& told) {
  std::size_t passed = 0, findings = 0;
  for (const auto& check : told.checks) {
    passed += check.outcome == verify::verdict::passed ? 1 : 0;
    findings += check.found.size();
  }
  const auto who =
      told.description ? told.description->name + " " + told.description->version : told.file.string();
  return told.clean() ? fmt::format("{}: all {} checks passed\n", who, told.checks.size())
                      : fmt::format("{}: {} of {} checks passed, {} findings\n", who, passed,
                                    told.checks.size(), findings);
}

}  // namespace

base::exit_code verify_plugin(const verify_request& request) {
  const auto known = plugin_sources(request.folders, request.config);
  if (!known) return report(known.error());
  verify::options how;
  how.rules.allow_needed = known->allow_needed;
  how.only = request.checks;
  if (request.limit) how.limit = *request.limit;
  std::set<std::string> mended;
  const auto show = [&](const verify::check_result& check) {
    if (!request.json) static_cast<void>(print(lines_of(check, mended)));
  };
  const auto told = verify::verify_plugin(find_plugin(request.plugin, known->folders), how, show);
  if (!told) return report_refusal(told.error());
  if (auto printed = request.json ? print_json(*told) : print(summary_of(*told)); !printed)
    return report(printed.error());
  return told->clean() ? base::exit_code::ok : base::exit_code::failed;
}

}  // namespace scanhost::commands
