// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin list|describe`: what plugins say of themselves, found out in a child process.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "commands/output.hpp"
#include "commands/plugin_files.hpp"
#include "commands/requests.hpp"
#include "config/print.hpp"
#include "plugin/loader.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

base::result<void> print_json(const plugin::catalogue& found) {
  ordered_json object{{"plugins", ordered_json::array()}, {"refused", ordered_json::array()}};
  for (const auto& [name, plugin] : found.plugins)
    object["plugins"].push_back({{"name", name},
                                 {"version", plugin.description.version},
                                 {"summary", plugin.description.summary},
                                 {"file", plugin.file.string()},
                                 {"sha256", plugin.sha256}});
  for (const auto& refusal : found.refused)
    object["refused"].push_back({{"file", refusal.file.string()},
                                 {"refusal", std::string(plugin::to_text(refusal.error.reason))},
                                 {"message", refusal.error.message}});
  return print(base::json_pretty(object));
}

void print_rows(const plugin::catalogue& found) {
  std::vector<std::vector<std::string>> rows{{"PLUGIN", "VERSION", "INTERVAL", "SUMMARY"}};
  for (const auto& [name, plugin] : found.plugins)
    rows.push_back({name, plugin.description.version,
                    fmt::format("{} ms", plugin.description.default_interval.count()),
                    plugin.description.summary});
  print_table(rows);
  for (const auto& refusal : found.refused)
    warn(fmt::format("{}: {}", plugin::to_text(refusal.error.reason), refusal.error.message));
}

std::unique_ptr<plugin::loader> loader_for(const plugin_places& places) {
  plugin::loader_options options;
  options.allow_needed = places.allow_needed;
  return std::make_unique<plugin::loader>(std::move(options));
}

}  // namespace

base::exit_code list_plugins(const plugin_request& request) {
  const auto places = plugin_sources(request.folders, request.config);
  if (!places) return report(places.error());
  const auto loader = loader_for(*places);
  const auto found = loader->search(places->folders, {});
  if (request.json) {
    if (auto printed = print_json(found); !printed) return report(printed.error());
  } else {
    print_rows(found);
  }
  return found.refused.empty() ? base::exit_code::ok : base::exit_code::failed;
}

base::exit_code describe_plugin(const plugin_request& request) {
  const auto places = plugin_sources(request.folders, request.config);
  if (!places) return report(places.error());
  auto found = loader_for(*places)->inspect(find_plugin(request.plugin, places->folders));
  if (!found) return report_refusal(found.error());
  auto printed = print(request.json ? config::describe_json(found->description)
                                    : config::describe_text(found->description));
  return printed ? base::exit_code::ok : report(printed.error());
}

}  // namespace scanhost::commands
