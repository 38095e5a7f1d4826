// SPDX-License-Identifier: Apache-2.0
//
// `scanhost check-config FILE`: everything that a start would check, without the store.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"
#include "config/print.hpp"
#include "config/quantity.hpp"
#include "config/scanner_keys.hpp"
#include "plan/assembly.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const config::plugin_settings& plugins) {
  return {{"watch", plugins.watch},
          {"check_owner", plugins.check_owner},
          {"probation", plugins.probation},
          {"error_margin", plugins.error_margin},
          {"crash_limit", plugins.crash_limit}};
}

// The control socket as far as it is configured: the default depends on who runs the host.
ordered_json to_json(const config::admin_settings& admin) {
  ordered_json object{
      {"address", nullptr}, {"port", nullptr}, {"control", admin.control}, {"socket", nullptr}};
  if (admin.enabled) {
    object["address"] = admin.address;
    object["port"] = admin.port;
  }
  if (admin.socket_configured) object["socket"] = admin.socket.string();
  if (!admin.socket_enabled) object["socket"] = "none";
  return object;
}

ordered_json to_json(const std::vector<config::problem>& problems) {
  auto list = ordered_json::array();
  for (const auto& problem : problems)
    list.push_back({{"file", problem.file}, {"line", problem.line}, {"message", problem.message}});
  return list;
}

// The answer for scripts, with the settings where they can be used.
ordered_json to_json(const base::result<plan::assembly>& parts, const config::findings& found) {
  const auto code = parts ? base::exit_code::ok : base::exit_code_of(parts.error().code);
  ordered_json object{{"version", 1},
                      {"ok", parts.has_value()},
                      {"exit_code", static_cast<int>(code)},
                      {"message", parts ? "the configuration can be used" : parts.error().message},
                      {"problems", to_json(found.problems)},
                      {"warnings", to_json(found.warnings)}};
  if (!parts) return object;
  object["scanners"] = ordered_json::array();
  for (const auto& scanner : parts->settings.scanners)
    object["scanners"].push_back(config::settings_json(scanner));
  object["plugins"] = to_json(parts->settings.plugins);
  object["admin"] = to_json(parts->settings.admin);
  return object;
}

std::string enabled_text(config::run_condition condition) {
  if (condition == config::run_condition::functions_exist) return "auto";
  return condition == config::run_condition::always ? "yes" : "no";
}

void print_rows(const plan::assembly& parts) {
  std::vector<std::vector<std::string>> rows{
      {"SCANNER", "PLUGIN", "ENABLED", "INTERVAL", "PAGE", "DRAIN", "RELOAD"}};
  for (const auto& scanner : parts.settings.scanners)
    rows.push_back({scanner.name, scanner.plugin, enabled_text(scanner.enabled),
                    config::format_duration(scanner.interval), std::to_string(scanner.page_size),
                    scanner.drain ? "yes" : "no", std::string(config::to_text(scanner.reload))});
  print_table(rows);
}

// What `run` would refuse, too: a file whose scanners are all disabled, or that has none.
base::result<plan::assembly> assemble_to_run(const std::filesystem::path& file, config::findings& found) {
  auto parts = plan::assemble(file, plan::stage_plugins::no, found);
  if (!parts) return parts;
  if (const auto selected = plan::select_scanners(parts->settings, {}); !selected)
    return base::fail(selected.error().code, fmt::format("{}: {}", file.string(), selected.error().message));
  return parts;
}

}  // namespace

base::exit_code check_config(const check_config_request& request) {
  config::findings found;
  const auto parts = assemble_to_run(request.config, found);
  const auto code = parts ? base::exit_code::ok : base::exit_code_of(parts.error().code);
  if (request.json) {
    auto printed = print(base::json_pretty(to_json(parts, found)));
    return printed ? code : report(printed.error());
  }
  for (const auto& warning : config::lines_of(found.warnings)) warn(warning);
  if (!parts) return report(parts.error());
  print_rows(*parts);
  return base::exit_code::ok;
}

}  // namespace scanhost::commands
