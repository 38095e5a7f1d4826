// SPDX-License-Identifier: Apache-2.0
//
// Reads the sections of a configuration file as far as that is possible without the plugins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/settings.hpp"
#include "config/yaml_tree.hpp"

namespace scanhost::config {

struct partition_count {
  std::string family;  // empty: the one that the scanner sweeps
  std::uint32_t count = 0;
  int line = 0;
};

// A scanner before its plugin is known.
struct written_scanner {
  scanner_settings settings;  // no options yet; interval and page size 0 where not written
  int line = 0;               // of the scanner's name
  int plugin_line = 0;        // of the key `plugin`, else of the scanner's name
  std::vector<partition_count> partitions;
  node_ptr options;  // null: none
};

// A map from families to numbers, or, under a scanner, just a number. `path` names it in messages.
std::vector<partition_count> read_partitions(const node* from, const std::string& path,
                                             diagnostics& diagnostics);
plugin_settings read_plugins(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics);
// Of the whole host, or of a scanner. `path` names it in messages.
rate_settings read_rate(const map_entry* entry, const std::string& path, diagnostics& diagnostics);
run_settings read_run(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics);
admin_settings read_admin(const node* from, const std::filesystem::path& folder, diagnostics& diagnostics);
std::vector<written_scanner> read_scanners(const node* from, diagnostics& diagnostics);

// The map of an `options:` key. Null: there is none or, with a problem, it is not a map.
node_ptr read_options(const map_entry* entry, const std::string& path, diagnostics& diagnostics);

}  // namespace scanhost::config
