// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_reader.hpp"

#include <utility>

#include "plan/assembly.hpp"
#include "plan/plans.hpp"

namespace scanhost::plan {
namespace {

// Replaces refused files by the builds that run. Returns the reasons of the refusals, by plugin.
std::map<std::string, refused_build> keep_running_builds(plugin::catalogue& plugins,
                                                         const std::vector<scanner_plan>& running) {
  std::map<std::string, refused_build> reasons;
  for (const auto& refused : plugins.refused) {
    for (const auto& plan : running) {
      if (plan.settings.plugin != refused.name || plugins.plugins.contains(refused.name)) continue;
      plugins.plugins.emplace(refused.name, plan.plugin);
      reasons.emplace(refused.name, refused_build{refused.error.sha256, refused.error.message});
    }
  }
  return reasons;
}

std::shared_ptr<server_functions> functions_of(const std::vector<scanner_plan>& running) {
  for (const auto& plan : running)
    if (plan.functions) return plan.functions;
  return nullptr;
}

}  // namespace

plan_reader::plan_reader(std::filesystem::path config_file, std::unique_ptr<config::document> document,
                         plugin::loader& loader)
    : config_file_(std::move(config_file)), document_(std::move(document)), loader_(loader) {}

base::result<config::settings> plan_reader::settings_with(const plugin::catalogue& plugins) const {
  config::findings found;
  return plan::resolve(*document_, plugins, loader_, found);
}

base::result<target> plan_reader::read(read_scope scope, const std::vector<scanner_plan>& running,
                                       const std::stop_token& stop) {
  if (scope == read_scope::plugins) return read(*document_, running, stop);
  auto loaded = config::load_file(config_file_);
  if (!loaded) return loaded.error();
  auto document = std::make_unique<config::document>(std::move(*loaded));
  if (document_->dry_run_forced()) document->force_dry_run();
  loader_.update(loader_options_of(*document));
  auto result = read(*document, running, stop);
  if (result)
    document_ = std::move(document);
  else
    loader_.update(loader_options_of(*document_));
  return result;
}

base::result<target> plan_reader::read(const config::document& document,
                                       const std::vector<scanner_plan>& running,
                                       const std::stop_token& stop) {
  target result;
  plugin::catalogue plugins;
  if (const auto names = document.wanted_plugins(); !names.empty())
    plugins = loader_.search(document.plugins().path, names);
  result.refused = keep_running_builds(plugins, running);
  config::findings found;
  auto settings = resolve(document, plugins, loader_, found);
  if (!settings) return settings.error();
  result.settings = std::move(*settings);
  result.warnings = config::lines_of(found.warnings);
  const auto selected = select_scanners(result.settings, {});
  if (!selected) return selected.error();
  auto plans =
      make_plans(result.settings, plugins, *selected, config_file_.string(), functions_of(running), stop);
  if (!plans) return plans.error();
  result.plans = std::move(*plans);
  return result;
}

}  // namespace scanhost::plan
