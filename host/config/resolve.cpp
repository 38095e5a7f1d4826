// SPDX-License-Identifier: Apache-2.0
#include "config/resolve.hpp"

#include <algorithm>
#include <set>

#include "config/options.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"

namespace scanhost::config {
namespace {

class resolver {
 public:
  resolver(const written_settings& written, const std::map<std::string, description>& tables,
           const std::map<std::string, std::string>& missing, findings& findings)
      : written_(written), tables_(tables), missing_(missing), findings_(findings) {}

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
    family what;
    std::string plugin;
  };

  const description* find_plugin(const written_scanner& scanner) {
    const auto& name = scanner.settings.plugin;
    const auto found = tables_.find(name);
    if (found != tables_.end()) return &found->second;
    all_found_ = false;
    const auto reason = missing_.find(name);
    findings_.problem(
        scanner.plugin_line,
        "scanner " + in_quotes(scanner.settings.name) + " needs the plugin " + in_quotes(name) +
            ", which cannot be used: " + (reason == missing_.end() ? "it was not found" : reason->second));
    return nullptr;
  }

  scanner_settings fill_in(const written_scanner& scanner, const description& plugin) {
    auto settings = scanner.settings;
    settings.interval = std::max(scanner.interval.value_or(plugin.default_interval), min_interval);
    settings.page_size = scanner.page_size.value_or(plugin.default_page_size);
    settings.options = resolve_options(scanner, plugin, written_.options.get(), findings_);
    for (const auto& option : plugin.options) known_options_.insert(option.name);
    return settings;
  }

  // One count and one pattern must hold for all who sweep a family.
  void check_families(const written_scanner& scanner, const description& plugin) {
    for (const auto& family : plugin.families) {
      const auto [known, added] = families_.try_emplace(family.name, seen_family{family, plugin.name});
      if (!added && known->second.what != family)
        findings_.problem(scanner.plugin_line,
                          "the plugins " + in_quotes(known->second.plugin) + " and " +
                              in_quotes(plugin.name) + " describe the family " + in_quotes(family.name) +
                              " differently, so they cannot run together; update the older of them");
    }
  }

  // Not an error: a file may carry options for scanners that are not in it today.
  void check_global_options() {
    if (!written_.options || !all_found_) return;
    const std::vector<std::string> known(known_options_.begin(), known_options_.end());
    for (const auto& entry : written_.options->entries) {
      if (known_options_.contains(entry.key)) continue;
      findings_.warning(entry.line, "no scanner here has the option " + in_quotes(entry.key) + "; " +
                                        suggestion(entry.key, known, "their options are"));
    }
  }

  bool known_family(const partition_count& partition) {
    const auto found = families_.find(partition.family);
    if (found != families_.end() && !found->second.what.tag_pattern.empty()) return true;
    if (found != families_.end() || partition.family == "node" || partition.family == "single") {
      findings_.problem(partition.line, "the number of partitions of " + in_quotes(partition.family) +
                                            " is not configured; remove it");
      return false;
    }
    if (!all_found_) return false;  // it may belong to the plugin that is missing
    std::vector<std::string> known;
    for (const auto& [name, seen] : families_)
      if (!seen.what.tag_pattern.empty()) known.push_back(name);
    findings_.problem(partition.line, "no scanner here sweeps a family " + in_quotes(partition.family) +
                                          "; " + suggestion(partition.family, known, "their families are"));
    return false;
  }

  const written_settings& written_;
  const std::map<std::string, description>& tables_;
  const std::map<std::string, std::string>& missing_;
  findings& findings_;
  bool all_found_ = true;
  std::map<std::string, seen_family> families_;
  std::set<std::string> known_options_;
};

}  // namespace

settings resolve(const written_settings& written, const std::map<std::string, description>& tables,
                 const std::map<std::string, std::string>& missing, findings& findings) {
  return resolver(written, tables, missing, findings).run();
}

}  // namespace scanhost::config
