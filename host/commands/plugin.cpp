// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin list|describe`: what plugins say of themselves, found out in a child process.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "boot/paths.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"
#include "config/print.hpp"
#include "plugin/loader.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

std::vector<std::filesystem::path> folders_of(const plugin_request& request) {
  return request.folders.empty() ? boot::bundled_plugin_folders() : request.folders;
}

std::string dump(const ordered_json& value) {
  return value.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

base::result<void> print_json(const plugin::catalogue& found) {
  ordered_json object{{"plugins", ordered_json::array()}, {"refused", ordered_json::array()}};
  for (const auto& [name, one] : found.plugins)
    object["plugins"].push_back({{"name", name},
                                 {"version", one.description.version},
                                 {"summary", one.description.summary},
                                 {"file", one.file.string()},
                                 {"sha256", one.sha256}});
  for (const auto& one : found.refused)
    object["refused"].push_back({{"file", one.file.string()},
                                 {"refusal", std::string(plugin::to_text(one.error.reason))},
                                 {"message", one.error.message}});
  return print(dump(object));
}

void print_rows(const plugin::catalogue& found) {
  std::vector<std::vector<std::string>> rows{{"PLUGIN", "VERSION", "INTERVAL", "SUMMARY"}};
  for (const auto& [name, one] : found.plugins)
    rows.push_back({name, one.description.version,
                    fmt::format("{} ms", one.description.default_interval.count()), one.description.summary});
  print_table(rows);
  for (const auto& one : found.refused)
    warn(fmt::format("{}: {}", plugin::to_text(one.error.reason), one.error.message));
}

base::exit_code exit_code_of(const plugin::load_error& problem) {
  const bool absent =
      problem.reason == plugin::refusal::missing_file || problem.reason == plugin::refusal::unreadable;
  return report({absent ? base::errc::no_input : base::errc::data, problem.message});
}

// A name with a slash or ending in .so is a file; everything else is looked up in the folders.
bool names_a_file(const std::string& plugin) {
  return plugin.find('/') != std::string::npos || plugin.ends_with(".so");
}

}  // namespace

base::exit_code list_plugins(const plugin_request& request) {
  const auto loader = plugin::make_loader({});
  const auto found = loader->search(folders_of(request), {});
  if (request.json) {
    if (auto printed = print_json(found); !printed) return report(printed.error());
  } else {
    print_rows(found);
  }
  return found.refused.empty() ? base::exit_code::ok : base::exit_code::failed;
}

base::exit_code describe_plugin(const plugin_request& request) {
  const auto loader = plugin::make_loader({});
  std::filesystem::path file = request.plugin;
  if (!names_a_file(request.plugin)) {
    for (const auto& folder : folders_of(request)) {
      file = folder / (request.plugin + ".so");
      if (std::filesystem::exists(file)) break;
    }
  }
  auto found = loader->inspect(file);
  if (!found) return exit_code_of(found.error());
  auto printed = print(request.json ? config::describe_json(found->description)
                                    : config::describe_text(found->description));
  return printed ? base::exit_code::ok : report(printed.error());
}

}  // namespace scanhost::commands
