// SPDX-License-Identifier: Apache-2.0
#include "plan/option_trials.hpp"

#include <algorithm>

#include "config/option_value.hpp"

namespace scanhost::plan {
namespace {

// The probe has tried those when the plugin was found.
bool has_the_defaults(const config::scanner_settings& scanner, const config::description& plugin) {
  return scanner.options == config::default_values(plugin) &&
         std::ranges::all_of(scanner.secrets, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace

std::vector<config::problem> try_options(const config::document& document,
                                         const std::vector<config::scanner_settings>& scanners,
                                         const plugin::catalogue& plugins, plugin::loader& loader) {
  std::vector<config::problem> problems;
  for (const auto& scanner : scanners) {
    const auto& found = plugins.plugins.at(scanner.plugin);
    if (found.takes_defaults && has_the_defaults(scanner, found.description)) continue;
    const auto settings = plugin::settings_of(scanner);
    const auto refusal = loader.try_settings(found, settings);
    if (!refusal) continue;
    const auto message = plugin::redaction_of(found.description, settings).apply(refusal->message);
    problems.push_back(document.problem_of(scanner.name, refusal->option, message));
  }
  return problems;
}

}  // namespace scanhost::plan
