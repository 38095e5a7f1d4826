// SPDX-License-Identifier: Apache-2.0
//
// Everything a scanner needs to run.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "plugin/catalogue.hpp"

namespace scanhost::plan {

struct scanner_plan {
  config::scanner_settings settings;
  plugin::found_plugin plugin;
  config::store_settings store;
  std::map<std::string, std::uint32_t, std::less<>> partition_counts;  // by family of the plugin
};

// The plan of that scanner; null: there is none.
inline const scanner_plan* find_plan(const std::vector<scanner_plan>& plans,
                                     std::string_view scanner) noexcept {
  for (const auto& plan : plans)
    if (plan.settings.name == scanner) return &plan;
  return nullptr;
}

}  // namespace scanhost::plan
