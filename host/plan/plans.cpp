// SPDX-License-Identifier: Apache-2.0
#include "plan/plans.hpp"

#include <utility>

#include "plan/functions.hpp"
#include "plan/partitions.hpp"
#include "store/session.hpp"

namespace scanhost::plan {
namespace {

// Looks at the server. Null: no scanner needs functions.
base::result<std::shared_ptr<server_functions>> look_at_functions(
    store::session& store, const config::store_settings& settings, const std::vector<library_need>& needs,
    const std::string& config_file, const std::shared_ptr<server_functions>& known) {
  if (needs.empty()) return std::shared_ptr<server_functions>();
  auto functions =
      known && known->store() == settings ? known : std::make_shared<server_functions>(settings, config_file);
  const auto look = functions->begin_look();
  auto report = read_status(store, needs);
  if (!report) return report.error();
  if (auto present = require_functions(report->libraries, settings.url, config_file); !present)
    return present.error();
  functions->end_look(look, std::move(report->found));
  return functions;
}

}  // namespace

base::result<std::vector<scanner_plan>> make_plans(const config::settings& settings,
                                                   const plugin::catalogue& plugins,
                                                   const std::vector<config::scanner_settings>& scanners,
                                                   const std::string& config_file,
                                                   const std::shared_ptr<server_functions>& known,
                                                   std::stop_token stop) {
  const auto& store_settings = settings.store;
  auto store = store::session::open(store_settings, std::move(stop));
  if (!store) return store.error();

  auto functions =
      look_at_functions(*store, store_settings, needed_libraries(scanners, plugins), config_file, known);
  if (!functions) return functions.error();

  partition_counter counter(*store, settings.partitions);
  std::vector<scanner_plan> plans;
  for (const auto& scanner : scanners) {
    const auto& found = plugins.plugins.at(scanner.plugin);
    auto counts = counter.count(scanner, found.description);
    if (!counts) return counts.error();
    plans.push_back({scanner, found, store_settings, std::move(*counts), *functions});
  }
  return plans;
}

std::string awaited_functions(const scanner_plan& plan) {
  const auto found = plan.functions ? plan.functions->latest() : nullptr;
  if (!found || plan.settings.enabled != config::run_condition::functions_exist) return {};
  const auto& plugin = plan.plugin.description;
  const auto missing = found->missing_of(plugin.functions);
  return missing.empty() ? std::string() : describe_functions(missing, plugin.function_library);
}

}  // namespace scanhost::plan
