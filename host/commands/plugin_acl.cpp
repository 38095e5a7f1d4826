// SPDX-License-Identifier: Apache-2.0
//
// `scanhost plugin describe --acl`: the least user of the server for a plugin, or for all scanners of a
// configuration.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "commands/output.hpp"
#include "commands/plugin_files.hpp"
#include "commands/requests.hpp"
#include "commands/server_user.hpp"
#include "config/load.hpp"
#include "plan/functions.hpp"
#include "plugin/instance_settings.hpp"
#include "store/gate/command_gate.hpp"

namespace scanhost::commands {
namespace {

// The functions of a plugin as the library beside it has them.
base::result<plugin::lua_commands> commands_of_functions(const config::description& plugin,
                                                         const std::filesystem::path& file) {
  if (plugin.function_library.empty()) return plugin::lua_commands();
  const auto library = plan::read_library(file.parent_path() / (plugin.function_library + ".lua"));
  if (!library) return library.error();
  auto functions = plugin.functions;
  functions.insert(functions.end(), plugin.optional_functions.begin(), plugin.optional_functions.end());
  return plugin::commands_of(library->code, functions);
}

struct studied_plugin {
  std::string name;  // of the scanner, or of the plugin
  std::filesystem::path file;
  config::description plugin;
  verify::options how;
  gate_use gate = gate_use::none;
};

base::result<void> add_to(const studied_plugin& what, server_user& user) {
  auto seen = verify::observe_plugin(what.file, what.how);
  if (!seen) return seen.error();
  auto functions = commands_of_functions(what.plugin, what.file);
  if (!functions) return functions.error();
  user.add({what.name, what.plugin, std::move(*seen), std::move(*functions), what.gate});
  return {};
}

base::result<studied_plugin> study(const std::string& name, const plugin_places& places) {
  plugin::loader_options rules;
  rules.allow_needed = places.allow_needed;
  const auto file = find_plugin(name, places.folders);
  auto found = plugin::loader(std::move(rules)).inspect(file);
  if (!found) return error_of(found.error());
  return studied_plugin{found->description.name, file, std::move(found->description), {}, gate_use::none};
}

gate_use gate_of(const config::scanner_settings& scanner) {
  if (scanner.dry_run || scanner.permissions.read_only) return gate_use::read_only;
  return store::command_gate::is_needed(scanner) ? gate_use::judges : gate_use::none;
}

// The scanners of the configuration, each with its options.
base::result<std::vector<studied_plugin>> scanners_of(const config::document& document,
                                                      const plugin_places& places) {
  std::map<std::string, studied_plugin> studied;
  std::map<std::string, config::description> tables;
  for (const auto& name : document.wanted_plugins()) {
    auto found = study(name, places);
    if (!found) return found.error();
    tables.emplace(name, found->plugin);
    studied.emplace(name, std::move(*found));
  }
  const auto settings = document.resolve(tables, {});
  if (!settings) return base::fail(base::errc::config, config::to_text(settings.error()));
  std::vector<studied_plugin> plugins;
  for (const auto& scanner : settings->scanners) {
    if (scanner.enabled == config::run_condition::never) continue;
    auto& next = plugins.emplace_back(studied.at(scanner.plugin));
    next.name = scanner.name;
    next.gate = gate_of(scanner);
    next.how.values = plugin::settings_of(scanner).values;
    std::vector<base::secret> secrets;
    for (const auto& [name, secret] : scanner.secrets) secrets.push_back(secret);
    next.how.secrets = base::redaction(secrets);
  }
  return plugins;
}

base::result<std::vector<studied_plugin>> asked_for(const plugin_request& request,
                                                    const std::optional<config::document>& document) {
  const auto places = plugin_sources(request.folders, request.config);
  if (!places) return places.error();
  if (request.plugin.empty()) return scanners_of(*document, *places);
  auto found = study(request.plugin, *places);
  if (!found) return found.error();
  return std::vector<studied_plugin>{std::move(*found)};
}

user_settings user_for(const plugin_request& request, const std::optional<config::document>& document) {
  user_settings settings;
  settings.cluster = request.cluster;
  if (!document) return settings;
  const auto& store = document->store();
  if (!store.username.empty()) settings.name = store.username;
  settings.other_database = store.database != 0;
  settings.cluster = settings.cluster || store.mode == config::store_mode::cluster;
  return settings;
}

std::string user_text(const server_user& user) {
  std::string text;
  const auto rules = user.rules();
  std::size_t width = 0;
  for (const auto& rule : rules) width = std::max(width, rule.text.size());
  for (const auto& rule : rules)
    text += fmt::format("# {:<{}}  {}\n", rule.text, width, fmt::join(rule.reasons, "; "));
  text += "#\n";
  for (const auto& remark : user.remarks()) text += fmt::format("# {}\n", remark);
  return text + user.command() + "\n";
}

std::string user_json(const server_user& user) {
  nlohmann::ordered_json object{{"command", user.command()}, {"rules", nlohmann::ordered_json::array()}};
  for (const auto& rule : user.rules())
    object["rules"].push_back({{"rule", rule.text}, {"reasons", rule.reasons}});
  object["remarks"] = user.remarks();
  return base::json_pretty(object);
}

base::result<server_user> user_of(const plugin_request& request) {
  std::optional<config::document> document;
  if (request.config) {
    auto read = config::load_file(*request.config);
    if (!read) return read.error();
    document.emplace(std::move(*read));
  }
  const auto plugins = asked_for(request, document);
  if (!plugins) return plugins.error();
  server_user user(user_for(request, document));
  for (const auto& what : *plugins)
    if (auto added = add_to(what, user); !added) return added.error();
  return user;
}

}  // namespace

base::exit_code print_server_user(const plugin_request& request) {
  if (request.plugin.empty() && !request.config)
    return report(base::fail(base::errc::usage, "name a plugin, or a configuration with --config"));
  const auto user = user_of(request);
  if (!user) return report(user.error());
  auto printed = print(request.json ? user_json(*user) : user_text(*user));
  return printed ? base::exit_code::ok : report(printed.error());
}

}  // namespace scanhost::commands
