// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin verify`: prints what the conformance checks found, and how to fix it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/counted.hpp"
#include "base/json.hpp"
#include "commands/given_options.hpp"
#include "commands/output.hpp"
#include "commands/plugin_files.hpp"
#include "commands/requests.hpp"
#include "config/load.hpp"
#include "config/quantity.hpp"
#include "plugin/instance_settings.hpp"
#include "plugin/loader.hpp"
#include "verify/store_file.hpp"
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

ordered_json to_json(const verify::exercise& seen) {
  return {{"scans", seen.scans},
          {"pages", seen.turns},
          {"commands", seen.commands},
          {"acting_calls", seen.acting_calls},
          {"processed", seen.processed},
          {"skipped", seen.skipped},
          {"unknown_commands", seen.unknown}};
}

base::result<void> print_json(const verify::report& report, const std::vector<std::string>& invented) {
  ordered_json object{{"file", report.file.string()}, {"ok", report.clean()}};
  object["plugin"] = report.description ? ordered_json(report.description->name) : ordered_json(nullptr);
  object["version"] = report.description ? ordered_json(report.description->version) : ordered_json(nullptr);
  object["invented_options"] = invented;
  object["exercised"] = report.exercised ? to_json(*report.exercised) : ordered_json(nullptr);
  object["checks"] = ordered_json::array();
  for (const auto& check : report.checks) object["checks"].push_back(to_json(check));
  return print(base::json_pretty(object));
}

// What is verified, and how.
struct subject {
  std::filesystem::path file;
  verify::options how;
};

base::result<config::scanner_settings> read_scanner(const verify_request& request,
                                                    const config::description& plugin) {
  const auto document = config::load_file(*request.config);
  if (!document) return document.error();
  const auto runs = document->plugin_of(request.scanner);
  if (runs && *runs != plugin.name)
    return base::fail(base::errc::usage, fmt::format("the scanner {} runs the plugin {}, not {}",
                                                     request.scanner, *runs, plugin.name));
  auto settings = document->resolve_scanner(request.scanner, plugin);
  if (!settings) return base::fail(base::errc::config, config::to_text(settings.error()));
  return std::move(*settings);
}

// The options of the scanner, and over them those of the command line.
base::result<void> read_options(const verify_request& request, const config::description& plugin,
                                verify::options& how) {
  auto given = parse_options(plugin, request.options);
  if (!given) return given.error();
  if (!request.scanner.empty()) {
    const auto scanner = read_scanner(request, plugin);
    if (!scanner) return scanner.error();
    auto settings = plugin::settings_of(*scanner);
    given->values.merge(settings.values);
    for (const auto& [name, secret] : scanner->secrets) given->secrets.push_back(secret);
  }
  how.values = std::move(given->values);
  how.secrets = base::redaction(given->secrets);
  return {};
}

base::result<std::string> name_of_plugin(const verify_request& request) {
  if (!request.scanner.empty() && !request.config)
    return base::fail(base::errc::usage, "--scanner needs --config with the file that has the scanner");
  if (!request.plugin.empty()) return request.plugin;
  if (request.scanner.empty())
    return base::fail(base::errc::usage, "name a plugin, or a scanner with --config and --scanner");
  const auto document = config::load_file(*request.config);
  if (!document) return document.error();
  if (auto name = document->plugin_of(request.scanner)) return std::move(*name);
  return base::fail(base::errc::usage,
                    fmt::format("there is no scanner {} in {}", config::in_quotes(request.scanner),
                                request.config->string()));
}

base::result<subject> subject_of(const verify_request& request) {
  const auto name = name_of_plugin(request);
  if (!name) return name.error();
  const auto known = plugin_sources(request.folders, request.config);
  if (!known) return known.error();
  subject what{find_plugin(*name, known->folders), {}};
  what.how.rules.allow_needed = known->allow_needed;
  what.how.only = request.checks;
  if (request.limit) what.how.limit = *request.limit;
  if (request.before) {
    auto commands = verify::read_store_file(*request.before);
    if (!commands) return commands.error();
    what.how.store = std::move(*commands);
  }
  if (request.options.empty() && request.scanner.empty()) return what;
  plugin::loader_options rules;
  rules.allow_needed = known->allow_needed;
  // What cannot be described has no options; the checks say what is wrong with it.
  if (const auto found = plugin::loader(rules).inspect(what.file))
    if (auto read = read_options(request, found->description, what.how); !read) return read.error();
  return what;
}

std::vector<std::string> invented_options(const verify::report& report, const verify::options& how) {
  if (!report.description) return {};
  return verify::invented_options(*report.description, how.values);
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

// What the checks saw of the plugin's work.
std::string exercise_note(const verify::report& report) {
  if (!report.exercised) return {};
  const auto& seen = *report.exercised;
  auto note = fmt::format("exercised: {}\n", to_text(seen));
  if (seen.acting_calls == 0)
    note +=
        "no acting call was sent: that is right for a plugin that only reads; otherwise give options with --option, or records with --before, so that its scans find something to act on\n";
  return note;
}

std::string summary_of(const verify::report& report, const std::vector<std::string>& invented) {
  std::size_t passed = 0, findings = 0;
  for (const auto& check : report.checks) {
    passed += check.outcome == verify::verdict::passed ? 1 : 0;
    findings += check.found.size();
  }
  const auto who = report.description ? report.description->name + " " + report.description->version
                                      : report.file.string();
  const auto note =
      invented.empty()
          ? std::string()
          : fmt::format("these required options had invented values: {}; give yours with --option\n",
                        fmt::join(invented, ", "));
  const auto checks = base::counted(report.checks.size(), "check");
  return note + exercise_note(report) +
         (report.clean()
              ? fmt::format("{}: {}{} passed\n", who, report.checks.size() > 1 ? "all " : "", checks)
              : fmt::format("{}: {} of {} passed, {}\n", who, passed, checks,
                            base::counted(findings, "finding")));
}

}  // namespace

base::exit_code verify_plugin(const verify_request& request) {
  const auto what = subject_of(request);
  if (!what) return report(what.error());
  std::set<std::string> fixes_printed;
  const auto show = [&](const verify::check_result& check) {
    if (!request.json) static_cast<void>(print(lines_of(check, fixes_printed)));
  };
  const auto verification = verify::verify_plugin(what->file, what->how, show);
  if (!verification) return report_refusal(verification.error());
  const auto invented = invented_options(*verification, what->how);
  if (auto printed =
          request.json ? print_json(*verification, invented) : print(summary_of(*verification, invented));
      !printed)
    return report(printed.error());
  return verification->clean() ? base::exit_code::ok : base::exit_code::failed;
}

}  // namespace scanhost::commands
