// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_reader.hpp"

#include <utility>

#include "plan/assembly.hpp"
#include "plan/plans.hpp"

namespace scanhost::plan {
namespace {

// Lets the builds that run stand in for the files that are refused; why, by plugin.
std::map<std::string, std::string> stand_in(plugin::catalogue& plugins,
                                            const std::vector<scanner_plan>& running) {
  std::map<std::string, std::string> refused;
  for (const auto& refusal : plugins.refused) {
    for (const auto& plan : running) {
      if (plan.settings.plugin != refusal.name || plugins.plugins.contains(refusal.name)) continue;
      plugins.plugins.emplace(refusal.name, plan.plugin);
      refused.emplace(refusal.name, refusal.error.message);
    }
  }
  return refused;
}

}  // namespace

plan_reader::plan_reader(std::filesystem::path config_file, std::unique_ptr<config::document> read,
                         plugin::loader& loader)
    : config_file_(std::move(config_file)), document_(std::move(read)), loader_(loader) {}

base::result<target> plan_reader::read(source from, const std::vector<scanner_plan>& running) {
  if (from == source::plugins) return read(*document_, running);
  auto loaded = config::load_file(config_file_);
  if (!loaded) return loaded.error();
  auto document = std::make_unique<config::document>(std::move(*loaded));
  loader_.update(loader_options_of(*document));
  auto reading = read(*document, running);
  if (reading)
    document_ = std::move(document);
  else
    loader_.update(loader_options_of(*document_));
  return reading;
}

base::result<target> plan_reader::read(const config::document& document,
                                       const std::vector<scanner_plan>& running) {
  target reading;
  plugin::catalogue plugins;
  if (const auto names = document.wanted_plugins(); !names.empty())
    plugins = loader_.search(document.plugins().path, names);
  reading.refused = stand_in(plugins, running);
  auto settings = resolve(document, plugins);
  if (!settings) return settings.error();
  reading.settings = std::move(*settings);
  reading.warnings = document.warnings();
  const auto selected = select_scanners(reading.settings, {});
  if (!selected) return selected.error();
  auto plans = make_plans(reading.settings, plugins, *selected, config_file_.string());
  if (!plans) return plans.error();
  reading.plans = std::move(*plans);
  return reading;
}

}  // namespace scanhost::plan
