// SPDX-License-Identifier: Apache-2.0
//
// The second step: what was written against the descriptions of the plugins that it names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "config/findings.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// A file's sections as far as they are known without a plugin.
struct written_settings {
  store_settings store;
  std::vector<partition_count> partitions;
  node_ptr options;  // for every scanner; null: none
  plugin_settings plugins;
  std::vector<written_scanner> scanners;
  admin_settings admin;
};

// `missing`: why a plugin that is not in `tables` is not there.
settings resolve(const written_settings& written, const std::map<std::string, description>& tables,
                 const std::map<std::string, std::string>& missing, findings& findings);

}  // namespace scanhost::config
