// SPDX-License-Identifier: Apache-2.0
#include "config/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/option_value.hpp"
#include "config/options.hpp"
#include "config/quantity.hpp"
#include "config/suggestion.hpp"
#include "scanhost/detail/member_rules.hpp"

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
    resolved.run = written_.run;
    resolved.admin = written_.admin;
    for (const auto& scanner : written_.scanners) {
      if (const auto* plugin = find_plugin(scanner)) {
        auto& settings = resolved.scanners.emplace_back(fill_in(scanner, *plugin));
        read_partitions(scanner, *plugin, settings.partitions);
        check_members(scanner, *plugin, settings.options);
        families_.insert(families_.end(), plugin->families.begin(), plugin->families.end());
      }
    }
    check_global_options();
    for (const auto& partition : written_.partitions)
      if (known_family(partition)) resolved.partitions.emplace(partition.family, partition.count);
    return resolved;
  }

 private:
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
    settings.dry_run = settings.dry_run || written_.run.dry_run;
    settings.audit = written_.run.audit;
    settings.host_rate = written_.run.rate;
    if (settings.page_size == 0) settings.page_size = plugin.default_page_size;
    option_reader(scanner, plugin, written_.options.get(), secrets_, diagnostics_).read(settings);
    for (const auto& option : plugin.options) {
      const auto keys = yaml_keys(option);
      known_options_.insert(keys.begin(), keys.end());
      if (option.secret) refused_options_.insert(option.name);
    }
    return settings;
  }

  void read_partitions(const written_scanner& scanner, const description& plugin, partition_counts& to) {
    if (plugin.families.empty()) return;
    const auto path = fmt::format("scanners.{}.partitions", scanner.settings.name);
    for (const auto& written : scanner.partitions) {
      const auto& name = written.family.empty() ? plugin.families.front().name : written.family;
      const auto family = std::ranges::find(plugin.families, name, &family::name);
      if (family == plugin.families.end())
        diagnostics_.problem(
            written.line,
            fmt::format("{}: the plugin {} has no family {}; {}", path, in_quotes(plugin.name),
                        in_quotes(name), suggestion(name, names_of(plugin.families), "its families are")));
      else if (!family->counted())
        refuse_count(written.line, path + ": ", name);
      else
        to.emplace(name, written.count);
    }
  }

  // The elements of the option that names the members of the family that is swept.
  void check_members(const written_scanner& scanner, const description& plugin,
                     const option_values& options) {
    if (plugin.families.empty() || plugin.families.front().members != member_source::option) return;
    const auto& family = plugin.families.front();
    const auto option = options.find(family.members_from);
    const auto* members =
        option == options.end() ? nullptr : std::get_if<std::vector<std::string>>(&option->second);
    if (members == nullptr) return;
    for (const auto& member : *members)
      if (const auto reason = detail::reason_to_refuse_member(member); !reason.empty())
        diagnostics_.problem(
            line_of_option(scanner, family.members_from),
            fmt::format("scanners.{}.options.{}: the member {} of the family {} {}; remove it",
                        scanner.settings.name, family.members_from, in_quotes(member), in_quotes(family.name),
                        reason));
  }

  int line_of_option(const written_scanner& scanner, const std::string& option) const {
    for (const auto* options : {scanner.options.get(), written_.options.get()})
      if (const auto* entry = options == nullptr ? nullptr : options->find(option)) return entry->line;
    return scanner.plugin_line;
  }

  void refuse_count(int line, std::string_view path, std::string_view family) {
    diagnostics_.problem(line, fmt::format("{}the number of partitions of {} cannot be configured; remove it",
                                           path, in_quotes(family)));
  }

  static std::vector<std::string> names_of(const std::vector<family>& families) {
    std::set<std::string> names;
    for (const auto& family : families)
      if (family.counted()) names.insert(family.name);
    return {names.begin(), names.end()};
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
    const auto& name = partition.family;
    const auto has_name = [&](const family& family) { return family.name == name; };
    const auto may_count = [&](const family& family) { return has_name(family) && family.counted(); };
    if (std::ranges::any_of(families_, may_count)) return true;
    const bool known = std::ranges::any_of(families_, has_name);
    if (!known && name != "node" && name != "single") {
      if (all_found_)  // else it may belong to the plugin that is missing
        diagnostics_.problem(partition.line,
                             fmt::format("no scanner in this file sweeps the family {}; {}", in_quotes(name),
                                         suggestion(name, names_of(families_), "their families are")));
      return false;
    }
    if (all_found_ || !known) refuse_count(partition.line, "", name);
    return false;
  }

  const written_settings& written_;
  const std::map<std::string, description>& tables_;
  const std::map<std::string, std::string>& missing_;
  secret_keys& secrets_;
  diagnostics& diagnostics_;
  bool all_found_ = true;
  std::vector<family> families_;  // of all plugins
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
