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

  partition_counter counter(*store, settings.partitions);
  std::vector<scanner_plan> plans;
  for (const auto& scanner : scanners) {
    const auto& found = plugins.plugins.at(scanner.plugin);
    auto counts = counter.count(scanner, found.description);
    if (!counts) return counts.error();
    plans.push_back({scanner, found, store_settings, std::move(*counts)});
  }
  return plans;
}

}  // namespace scanhost::plan
