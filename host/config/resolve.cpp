// SPDX-License-Identifier: Apache-2.0
#include "config/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/option_value.hpp"
#include "config/options.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

class resolver {
 public:
  resolver(const written_settings& written, const std::map<std::string, description>& tables,
           const std::map<std::string, std::string>& missing, secret_keys& secrets, diagnostics& diagnostics)
      : written_(written), tables_(tables), missing_(missing), secrets_(secrets), diagnostics_(diagnostics) {}

  settings run() {
    settings resolved;
    resolved.store = written_.store;
    resolved.plugins = written_.plugins;
    resolved.admin = written_.admin;
    for (const auto& scanner : written_.scanners) {
      if (const auto* plugin = find_plugin(scanner)) {
        resolved.scanners.push_back(fill_in(scanner, *plugin));
        check_families(scanner, *plugin);
      }
    }
    check_global_options();
    for (const auto& partition : written_.partitions)
      if (known_family(partition)) resolved.partitions.emplace(partition.family, partition.count);
    return resolved;
  }

 private:
  struct seen_family {
    config::family family;
    std::string plugin;
  };

  const description* find_plugin(const written_scanner& scanner) {
    const auto& name = scanner.settings.plugin;
    const auto found = tables_.find(name);
    if (found != tables_.end()) return &found->second;
    all_found_ = false;
    const auto reason = missing_.find(name);
    diagnostics_.problem(scanner.plugin_line,
                         fmt::format("scanner {} needs the plugin {}, which cannot be used: {}",
                                     in_quotes(scanner.settings.name), in_quotes(name),
                                     reason == missing_.end() ? "it was not found" : reason->second));
    return nullptr;
  }

  scanner_settings fill_in(const written_scanner& scanner, const description& plugin) {
    auto settings = scanner.settings;
    if (settings.interval.count() == 0) settings.interval = std::max(plugin.default_interval, min_interval);
    if (settings.page_size == 0) settings.page_size = plugin.default_page_size;
    option_reader(scanner, plugin, written_.options.get(), secrets_, diagnostics_).read(settings);
    for (const auto& option : plugin.options) {
      const auto keys = yaml_keys(option);
      known_options_.insert(keys.begin(), keys.end());
      if (option.secret) refused_options_.insert(option.name);
    }
    return settings;
  }

  // All plugins that sweep a family must agree on its pattern and its count.
  void check_families(const written_scanner& scanner, const description& plugin) {
    for (const auto& family : plugin.families) {
      const auto [known, added] = families_.try_emplace(family.name, seen_family{family, plugin.name});
      if (!added && known->second.family != family)
        diagnostics_.problem(
            scanner.plugin_line,
            fmt::format(
                "the plugins {} and {} describe the family {} differently, so they cannot run together; update the older of them",
                in_quotes(known->second.plugin), in_quotes(plugin.name), in_quotes(family.name)));
    }
  }

  // Only a warning: a file may keep options for scanners that it does not have today.
  void check_global_options() {
    if (!written_.options || !all_found_) return;
    const std::vector<std::string> known(known_options_.begin(), known_options_.end());
    for (const auto& entry : written_.options->entries) {
      if (known_options_.contains(entry.key) || refused_options_.contains(entry.key)) continue;
      diagnostics_.warning(entry.line,
                           fmt::format("no scanner in this file has the option {}; {}", in_quotes(entry.key),
                                       suggestion(entry.key, known, "their options are")));
    }
  }

  bool known_family(const partition_count& partition) {
    const auto found = families_.find(partition.family);
    if (found != families_.end() && !found->second.family.tag_pattern.empty()) return true;
    if (found != families_.end() || partition.family == "node" || partition.family == "single") {
      diagnostics_.problem(partition.line,
                           fmt::format("the number of partitions of {} cannot be configured; remove it",
                                       in_quotes(partition.family)));
      return false;
    }
    if (!all_found_) return false;  // it may belong to the plugin that is missing
    std::vector<std::string> known;
    for (const auto& [name, seen] : families_)
      if (!seen.family.tag_pattern.empty()) known.push_back(name);
    diagnostics_.problem(
        partition.line,
        fmt::format("no scanner in this file sweeps the family {}; {}", in_quotes(partition.family),
                    suggestion(partition.family, known, "their families are")));
    return false;
  }

  const written_settings& written_;
  const std::map<std::string, description>& tables_;
  const std::map<std::string, std::string>& missing_;
  secret_keys& secrets_;
  diagnostics& diagnostics_;
  bool all_found_ = true;
  std::map<std::string, seen_family> families_;
  std::set<std::string> known_options_;
  std::set<std::string> refused_options_;  // names of secrets: they are problems already
};

}  // namespace

settings resolve(const written_settings& written, const std::map<std::string, description>& tables,
                 const std::map<std::string, std::string>& missing, secret_keys& secrets,
                 diagnostics& diagnostics) {
  return resolver(written, tables, missing, secrets, diagnostics).run();
}

}  // namespace scanhost::config
