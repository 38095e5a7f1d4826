// SPDX-License-Identifier: Apache-2.0
//
// The second step of reading a configuration: what was written, checked against the plugins that it names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "config/diagnostics.hpp"
#include "config/secret_keys.hpp"
#include "config/sections.hpp"
#include "config/settings.hpp"

namespace scanhost::config {

// The sections of a file as far as they can be read without the plugins.
struct written_settings {
  store_settings store;
  std::vector<partition_count> partitions;
  node_ptr options;  // for every scanner; null: none
  plugin_settings plugins;
  run_settings run;
  std::vector<written_scanner> scanners;
  admin_settings admin;
};

// `missing`: why a plugin that is not in `tables` cannot be used.
settings resolve(const written_settings& written, const std::map<std::string, description>& tables,
                 const std::map<std::string, std::string>& missing, secret_keys& secrets,
                 diagnostics& diagnostics);

}  // namespace scanhost::config
