// SPDX-License-Identifier: Apache-2.0
//
// `scanhost functions print|status|install`: the server-side functions that plugins need.
#include "plan/functions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "commands/output.hpp"
#include "commands/paths.hpp"
#include "commands/requests.hpp"
#include "plan/assembly.hpp"
#include "store/session.hpp"

namespace scanhost::commands {
namespace {

using base::errc;
using nlohmann::ordered_json;

// The libraries that a configuration's enabled scanners need, and a session with its store.
struct session_with_needs {
  plan::assembly parts;
  std::vector<plan::library_need> needs;
  store::session store;
};

base::result<session_with_needs> begin(const functions_request& request) {
  if (!request.config)
    return base::fail(errc::usage,
                      "--config is missing: it names the store, and the scanners whose functions are needed");
  config::findings found;
  auto parts = plan::assemble(*request.config, plan::stage_plugins::no, found);
  if (!parts) return parts.error();
  auto scanners = plan::select_scanners(parts->settings, {});
  if (!scanners) return scanners.error();
  auto needs = plan::needed_libraries(*scanners, parts->plugins);
  if (!request.library.empty())
    std::erase_if(needs, [&](const auto& need) { return need.library != request.library; });
  auto store = store::session::open(parts->settings.store);
  if (!store) return store.error();
  return session_with_needs{std::move(*parts), std::move(needs), std::move(*store)};
}

std::string step_text(const plan::install_report& report) {
  switch (report.step) {
    case plan::install_step::load:
      return fmt::format("loaded {}", report.version);
    case plan::install_step::replace:
      return fmt::format("replaced {} with {}", report.server_version, report.version);
    case plan::install_step::keep_same:
      return fmt::format("{} is already installed", report.version);
    case plan::install_step::keep_newer:
      return fmt::format("kept {}, which is newer than {}", report.server_version, report.version);
    case plan::install_step::keep_foreign:
      break;
  }
  return "kept: the server's library of that name is not ours, and is never replaced";
}

std::string step_name(plan::install_step step) {
  switch (step) {
    case plan::install_step::load:
      return "loaded";
    case plan::install_step::replace:
      return "replaced";
    case plan::install_step::keep_same:
      return "kept_same";
    case plan::install_step::keep_newer:
      return "kept_newer";
    case plan::install_step::keep_foreign:
      break;
  }
  return "kept_foreign";
}

std::string list_text(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

base::result<void> print_status(const std::vector<plan::library_status>& found, bool json) {
  auto array = ordered_json::array();
  std::vector<std::vector<std::string>> rows{
      {"LIBRARY", "ON THE SERVER", "MISSING FUNCTIONS", "NEEDED BY", "AWAITED FUNCTIONS", "AWAITED BY"}};
  for (const auto& library : found) {
    const std::string there = !library.present          ? "no"
                              : library.version.empty() ? "yes, not ours"
                                                        : library.version;
    array.push_back({{"library", library.need.library},
                     {"present", library.present},
                     {"version", library.version},
                     {"missing", library.missing},
                     {"scanners", library.need.scanners},
                     {"awaited", library.awaited},
                     {"awaiting_scanners", library.need.awaiting_scanners}});
    rows.push_back({library.need.library, there, list_text(library.missing), list_text(library.need.scanners),
                    list_text(library.awaited), list_text(library.need.awaiting_scanners)});
  }
  if (json) return print(base::json_pretty(array));
  print_table(rows);
  return {};
}

// Installs one library and checks that what is needed is there afterwards.
base::result<void> install_one(session_with_needs& work, const plan::library_need& need, ordered_json& array,
                               bool json) {
  auto library = plan::read_library(need.file);
  if (!library) return library.error();
  auto installed = plan::install_library(work.store, *library);
  if (!installed) return installed.error();
  for (const auto& report : *installed) {
    array.push_back({{"library", report.library},
                     {"server", report.server},
                     {"version", report.version},
                     {"step", step_name(report.step)},
                     {"server_version", report.server_version}});
    if (json) continue;
    const auto where = installed->size() == 1 ? "" : " at " + report.server;
    if (auto printed = print(fmt::format("{}{}: {}\n", report.library, where, step_text(report))); !printed)
      return printed.error();
  }
  auto after = plan::read_status(work.store, {need});
  if (!after) return after.error();
  const auto& missing = after->libraries.front().missing;
  if (missing.empty()) return {};
  return base::fail(
      errc::missing,
      fmt::format(
          "the library '{}' on the server lacks {}; it is not ours to replace: ask whoever installed it, or remove it with FUNCTION DELETE {}",
          need.library, fmt::join(missing, ", "), need.library));
}

}  // namespace

base::exit_code print_functions(const functions_request& request) {
  const auto folders = request.folders.empty() ? bundled_plugin_folders() : request.folders;
  auto libraries = plan::libraries_in(folders);
  if (!libraries) return report(libraries.error());
  std::vector<std::string> names;
  for (const auto& library : *libraries) {
    names.push_back(library.name);
    if (library.name != request.library && !(request.library.empty() && libraries->size() == 1)) continue;
    auto printed = print(library.code);
    return printed ? base::exit_code::ok : report(printed.error());
  }
  if (names.empty())
    return report({errc::no_input,
                   "the plugin folders contain no function library; name other folders with --plugins"});
  return report({errc::usage, fmt::format("there are several libraries; choose one with --library: {}",
                                          fmt::join(names, ", "))});
}

base::exit_code show_functions(const functions_request& request) {
  auto work = begin(request);
  if (!work) return report(work.error());
  auto found = plan::read_status(work->store, work->needs);
  if (!found) return report(found.error());
  if (auto printed = print_status(found->libraries, request.json); !printed) return report(printed.error());
  for (const auto& library : found->libraries)
    if (!library.missing.empty()) return base::exit_code::failed;
  return base::exit_code::ok;
}

base::exit_code install_functions(const functions_request& request) {
  auto work = begin(request);
  if (!work) return report(work.error());
  auto array = ordered_json::array();
  for (const auto& need : work->needs)
    if (auto installed = install_one(*work, need, array, request.json); !installed)
      return report(installed.error());
  if (request.json) {
    if (auto printed = print(base::json_pretty(array)); !printed) return report(printed.error());
  }
  return base::exit_code::ok;
}

}  // namespace scanhost::commands
