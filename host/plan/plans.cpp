// SPDX-License-Identifier: Apache-2.0
#include "plan/plans.hpp"

#include <utility>

#include "plan/functions.hpp"
#include "plan/partitions.hpp"
#include "store/session.hpp"

namespace scanhost::plan {

base::result<std::vector<scanner_plan>> make_plans(const config::settings& settings,
                                                   const plugin::catalogue& plugins,
                                                   const std::vector<config::scanner_settings>& scanners,
                                                   const std::string& config_file) {
  const auto& store_settings = settings.store;
  auto store = store::session::open(store_settings);
  if (!store) return store.error();

  auto functions = read_status(*store, needed_libraries(scanners, plugins));
  if (!functions) return functions.error();
  if (auto present = require_functions(*functions, store_settings.url, config_file); !present)
    return present.error();

  std::vector<config::family> families;
  for (const auto& [name, found] : plugins.plugins)
    families.insert(families.end(), found.description.families.begin(), found.description.families.end());
  auto counts = read_partition_counts(*store, families, settings.partitions);
  if (!counts) return counts.error();

  std::vector<scanner_plan> plans;
  for (const auto& scanner : scanners) {
    const auto& found = plugins.plugins.at(scanner.plugin);
    scanner_plan plan{scanner, found, store_settings, {}};
    for (const auto& family : found.description.families)
      if (const auto count = counts->find(family.name); count != counts->end())
        plan.partition_counts.insert(*count);
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace scanhost::plan
