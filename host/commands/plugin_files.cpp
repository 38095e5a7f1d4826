// SPDX-License-Identifier: Apache-2.0
#include "commands/plugin_files.hpp"

#include "commands/output.hpp"
#include "commands/paths.hpp"
#include "config/load.hpp"

namespace scanhost::commands {

base::result<plugin_places> plugin_sources(const std::vector<std::filesystem::path>& named,
                                           const std::optional<std::filesystem::path>& config) {
  plugin_places places{named, {}};
  if (config) {
    const auto document = config::load_file(*config);
    if (!document) return document.error();
    if (!document->problems().empty())
      return base::fail(base::errc::config, config::to_text(document->problems()));
    places.allow_needed = document->plugins().allow_needed;
    if (places.folders.empty()) places.folders = document->plugins().path;
  }
  if (places.folders.empty()) places.folders = bundled_plugin_folders();
  return places;
}

std::filesystem::path find_plugin(const std::string& plugin,
                                  const std::vector<std::filesystem::path>& folders) {
  if (plugin.find('/') != std::string::npos || plugin.ends_with(".so")) return plugin;
  std::filesystem::path file = plugin + ".so";
  for (const auto& folder : folders) {
    file = folder / (plugin + ".so");
    std::error_code problem;
    if (std::filesystem::exists(file, problem)) break;
  }
  return file;
}

base::error error_of(const plugin::load_error& problem) {
  const bool absent =
      problem.reason == plugin::refusal::missing_file || problem.reason == plugin::refusal::unreadable;
  return {absent ? base::errc::no_input : base::errc::data, problem.message};
}

base::exit_code report_refusal(const plugin::load_error& problem) { return report(error_of(problem)); }

}  // namespace scanhost::commands
