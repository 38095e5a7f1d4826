// SPDX-License-Identifier: Apache-2.0
//
// `scanhost check-config FILE`: everything that a start would check, without the store.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "boot/assembly.hpp"
#include "commands/output.hpp"
#include "commands/requests.hpp"

namespace scanhost::commands {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const boot::assembly& parts) {
  ordered_json object{{"ok", true}, {"warnings", parts.warnings}, {"scanners", ordered_json::array()}};
  for (const auto& scanner : parts.settings.scanners)
    object["scanners"].push_back({{"name", scanner.name},
                                  {"plugin", scanner.plugin},
                                  {"enabled", scanner.enabled},
                                  {"interval_ms", scanner.interval.count()},
                                  {"page_size", scanner.page_size},
                                  {"drain", scanner.drain}});
  return object;
}

void print_rows(const boot::assembly& parts) {
  std::vector<std::vector<std::string>> rows{{"SCANNER", "PLUGIN", "ENABLED", "INTERVAL", "PAGE", "DRAIN"}};
  for (const auto& scanner : parts.settings.scanners)
    rows.push_back({scanner.name, scanner.plugin, scanner.enabled ? "yes" : "no",
                    fmt::format("{} ms", scanner.interval.count()), std::to_string(scanner.page_size),
                    scanner.drain ? "yes" : "no"});
  print_table(rows);
}

}  // namespace

base::exit_code check_config(const check_config_request& request) {
  auto parts = boot::assemble(request.config, boot::stage_plugins::no);
  if (!parts) {
    if (request.json) {
      const ordered_json object{{"ok", false}, {"problems", parts.error().message}};
      if (auto printed = print(object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
          !printed)
        return report(printed.error());
      return base::exit_code_of(parts.error().code);
    }
    return report(parts.error());
  }
  if (request.json) {
    auto printed = print(to_json(*parts).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    return printed ? base::exit_code::ok : report(printed.error());
  }
  for (const auto& warning : parts->warnings) warn(warning);
  print_rows(*parts);
  return base::exit_code::ok;
}

}  // namespace scanhost::commands
