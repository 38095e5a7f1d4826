// SPDX-License-Identifier: Apache-2.0
#include "plan/assembly.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "config/load.hpp"
#include "plan/option_trials.hpp"

namespace scanhost::plan {
namespace {

using base::errc;
using base::fail;

std::map<std::string, config::description> tables_of(const plugin::catalogue& plugins) {
  std::map<std::string, config::description> tables;
  for (const auto& [name, found] : plugins.plugins) tables.emplace(name, found.description);
  return tables;
}

// Why a plugin that a scanner needs is not in the catalogue.
std::map<std::string, std::string> reasons_of(const plugin::catalogue& plugins,
                                              const std::vector<std::string>& required,
                                              const std::vector<std::filesystem::path>& folders) {
  std::map<std::string, std::string> reasons;
  for (const auto& refused : plugins.refused) reasons.emplace(refused.name, refused.error.message);
  std::vector<std::string> names;
  names.reserve(folders.size());
  for (const auto& folder : folders) names.push_back(folder.string());
  for (const auto& name : required)
    if (!plugins.plugins.contains(name))
      reasons.try_emplace(
          name, fmt::format("there is no {}.so in plugins.path ({})", name,
                            names.empty() ? "which is empty" : fmt::format("{}", fmt::join(names, ", "))));
  return reasons;
}

// The configuration is not wrong where the system kept a plugin from being examined; that may pass.
errc code_of(const plugin::catalogue& plugins) {
  const auto by_system = [](const plugin::refused_plugin& refused) {
    return refused.error.reason == plugin::refusal::staging_failed;
  };
  return std::ranges::any_of(plugins.refused, by_system) ? errc::os : errc::config;
}

}  // namespace

plugin::loader_options loader_options_of(const config::document& document) {
  plugin::loader_options options;
  options.allow_needed = document.plugins().allow_needed;
  options.unload_never = document.never_unloaded_plugins();
  options.check_owner = document.plugins().check_owner;
  return options;
}

base::result<config::settings> resolve(const config::document& document, const plugin::catalogue& plugins,
                                       plugin::loader& loader, config::findings& found) {
  auto settings = document.resolve(tables_of(plugins),
                                   reasons_of(plugins, document.wanted_plugins(), document.plugins().path));
  found.warnings = document.warnings();
  if (!settings) {
    found.problems = settings.error();
    return fail(code_of(plugins), config::to_text(found.problems));
  }
  found.problems = try_options(document, settings->scanners, plugins, loader);
  if (!found.problems.empty()) return fail(errc::config, config::to_text(found.problems));
  return std::move(*settings);
}

base::result<assembly> assemble(const std::filesystem::path& config_file, stage_plugins stage,
                                config::findings& found, dry_run changes) {
  auto document = config::load_file(config_file);
  if (!document) return document.error();
  if (changes == dry_run::forced) document->force_dry_run();

  assembly parts;
  parts.document = std::make_unique<config::document>(std::move(*document));
  const auto& plugins = parts.document->plugins();
  auto options = loader_options_of(*parts.document);
  if (stage == stage_plugins::yes) {
    auto staging = plugin::staging::open(plugins.staging);
    if (!staging) return staging.error();
    parts.staging = std::move(*staging);
    options.staging = parts.staging->folder();
  }
  parts.loader = std::make_unique<plugin::loader>(std::move(options));

  const auto required = parts.document->wanted_plugins();
  if (!required.empty()) parts.plugins = parts.loader->search(plugins.path, required);
  auto settings = resolve(*parts.document, parts.plugins, *parts.loader, found);
  if (!settings) return settings.error();
  parts.settings = std::move(*settings);
  return parts;
}

base::result<std::vector<config::scanner_settings>> select_scanners(const config::settings& settings,
                                                                    const std::vector<std::string>& names) {
  std::vector<config::scanner_settings> selected;
  std::vector<std::string> known;
  for (const auto& scanner : settings.scanners) {
    known.push_back(scanner.name);
    const bool named = std::find(names.begin(), names.end(), scanner.name) != names.end();
    if (named || (names.empty() && scanner.enabled != config::run_condition::never))
      selected.push_back(scanner);
  }
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return fail(errc::usage,
                  fmt::format("--scanner {}: the configuration has no such scanner; it has {}", name,
                              known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
  if (selected.empty())
    return fail(errc::config, "no scanner is enabled; add one under `scanners:`, or remove `enabled: false`");
  return selected;
}

}  // namespace scanhost::plan
