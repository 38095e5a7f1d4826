// SPDX-License-Identifier: Apache-2.0
//
// The sections of a configuration file, as far as they can be read without a plugin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/findings.hpp"
#include "config/settings.hpp"
#include "config/yaml_tree.hpp"

namespace scanhost::config {

struct partition_count {
  std::string family;
  std::uint32_t count = 0;
  int line = 0;
};

// A scanner before its plugin is known.
struct written_scanner {
  scanner_settings settings;                   // options empty
  int line = 0;                                // of its name
  int plugin_line = 0;                         // of the key that names the plugin
  std::optional<base::milliseconds> interval;  // where written
  std::optional<std::uint32_t> page_size;
  node_ptr options;  // null: none
};

store_settings read_store(const node* from, const std::filesystem::path& folder, findings& findings);
std::vector<partition_count> read_partitions(const node* from, findings& findings);
plugin_settings read_plugins(const node* from, const std::filesystem::path& folder, findings& findings);
admin_settings read_admin(const node* from, const std::filesystem::path& folder, findings& findings);
std::vector<written_scanner> read_scanners(const node* from, findings& findings);

// The map of an `options:` key; null when there is none or, with a problem, when it is no map.
node_ptr read_options(const map_entry* entry, const std::string& path, findings& findings);

}  // namespace scanhost::config
