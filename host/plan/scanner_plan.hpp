// SPDX-License-Identifier: Apache-2.0
//
// Everything a scanner needs to run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "plan/server_functions.hpp"
#include "plugin/catalogue.hpp"

namespace scanhost::plan {

struct scanner_plan {
  config::scanner_settings settings;
  plugin::found_plugin plugin;
  config::store_settings store;
  config::partition_counts partition_counts;              // of the plugin's counted families
  std::shared_ptr<server_functions> functions = nullptr;  // of that store; null: no scanner needs any
};

// How many partitions a family has that is not listed: one where it is not counted either.
inline std::uint32_t partition_count(const scanner_plan& plan, const config::family& family) noexcept {
  if (!family.counted()) return 1;
  const auto found = plan.partition_counts.find(family.name);
  return std::max(found == plan.partition_counts.end() ? family.default_count : found->second, 1u);
}

// The plan of that scanner; null: there is none.
inline const scanner_plan* find_plan(const std::vector<scanner_plan>& plans,
                                     std::string_view scanner) noexcept {
  for (const auto& plan : plans)
    if (plan.settings.name == scanner) return &plan;
  return nullptr;
}

}  // namespace scanhost::plan
