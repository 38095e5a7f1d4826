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
           const std::map<std::string, std::string>& missing, findings& into)
      : written_(written), tables_(tables), missing_(missing), into_(into) {}

  settings run() {
    settings made;
    made.store = written_.store;
    made.plugins = written_.plugins;
    made.admin = written_.admin;
    for (const auto& scanner : written_.scanners) {
      if (const auto* plugin = find_plugin(scanner)) {
        made.scanners.push_back(fill_in(scanner, *plugin));
        check_families(scanner, *plugin);
      }
    }
    check_global_options();
    for (const auto& one : written_.partitions)
      if (known_family(one)) made.partitions.emplace(one.family, one.count);
    return made;
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
    into_.problem(scanner.plugin_line, "scanner " + in_quotes(scanner.settings.name) + " needs the plugin " +
                                           in_quotes(name) + ", which cannot be used: " +
                                           (reason == missing_.end() ? "it was not found" : reason->second));
    return nullptr;
  }

  scanner_settings fill_in(const written_scanner& scanner, const description& plugin) {
    auto made = scanner.settings;
    made.interval = std::max(scanner.interval.value_or(plugin.default_interval), least_interval);
    made.page_size = scanner.page_size.value_or(plugin.default_page_size);
    made.options = resolve_options(scanner, plugin, written_.options.get(), into_);
    for (const auto& one : plugin.options) known_options_.insert(one.name);
    return made;
  }

  // One count and one pattern must hold for all who sweep a family.
  void check_families(const written_scanner& scanner, const description& plugin) {
    for (const auto& one : plugin.families) {
      const auto [known, added] = families_.try_emplace(one.name, seen_family{one, plugin.name});
      if (!added && known->second.what != one)
        into_.problem(scanner.plugin_line,
                      "the plugins " + in_quotes(known->second.plugin) + " and " + in_quotes(plugin.name) +
                          " describe the family " + in_quotes(one.name) +
                          " differently, so they cannot run together; update the older of them");
    }
  }

  // Not an error: a file may carry options for scanners that are not in it today.
  void check_global_options() {
    if (!written_.options || !all_found_) return;
    const std::vector<std::string> known(known_options_.begin(), known_options_.end());
    for (const auto& entry : written_.options->entries) {
      if (known_options_.contains(entry.key)) continue;
      into_.warning(entry.line, "no scanner here has the option " + in_quotes(entry.key) + "; " +
                                    suggestion(entry.key, known, "their options are"));
    }
  }

  bool known_family(const partition_count& one) {
    const auto found = families_.find(one.family);
    if (found != families_.end() && !found->second.what.tag_pattern.empty()) return true;
    if (found != families_.end() || one.family == "node" || one.family == "single") {
      into_.problem(one.line,
                    "the number of partitions of " + in_quotes(one.family) + " is not configured; remove it");
      return false;
    }
    if (!all_found_) return false;  // it may belong to the plugin that is missing
    std::vector<std::string> known;
    for (const auto& [name, seen] : families_)
      if (!seen.what.tag_pattern.empty()) known.push_back(name);
    into_.problem(one.line, "no scanner here sweeps a family " + in_quotes(one.family) + "; " +
                                suggestion(one.family, known, "their families are"));
    return false;
  }

  const written_settings& written_;
  const std::map<std::string, description>& tables_;
  const std::map<std::string, std::string>& missing_;
  findings& into_;
  bool all_found_ = true;
  std::map<std::string, seen_family> families_;
  std::set<std::string> known_options_;
};

}  // namespace

settings resolve(const written_settings& written, const std::map<std::string, description>& tables,
                 const std::map<std::string, std::string>& missing, findings& into) {
  return resolver(written, tables, missing, into).run();
}

}  // namespace scanhost::config
