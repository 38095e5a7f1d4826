// SPDX-License-Identifier: Apache-2.0
//
// Loads texts and gives the results in a form that is easy to compare.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace scanhost::config {

using tables = std::map<std::string, description>;

// A plugin with an option of every type.
inline description example_plugin(const std::string& name = "sweeper") {
  description plugin;
  plugin.name = name;
  plugin.version = "1.2.3";
  plugin.families = {{"flow", "{shard:*}", 256, "config", "partitions"}};
  plugin.default_interval = base::milliseconds(1500);
  plugin.default_page_size = 50;
  plugin.options = {{"namespace", option_type::text, "Only this one.", "", 0, 10},
                    {.name = "queues",
                     .type = option_type::text_list,
                     .help = "Which.",
                     .minimum = 1,
                     .maximum = 3,
                     .default_values = {"default", "spare"}},
                    {"attempts", option_type::integer, "How often.", "3", 1, 100},
                    {"grace", option_type::duration, "How long.", "2s", 0, 60'000},
                    {"chunk", option_type::size, "How much.", "64KiB", 1, 1 << 20},
                    {"strict", option_type::flag, "How.", "true"}};
  return plugin;
}

// "7: what is wrong", one for each problem of the first step.
inline std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> lines;
  const config::document document(text, "test.yaml", "/etc/scanhost");
  for (const auto& problem : document.problems())
    lines.push_back(std::to_string(problem.line) + ": " + problem.message);
  return lines;
}

// The same for both steps.
inline std::vector<std::string> all_problems_of(const std::string& text,
                                                const tables& plugins = {{"sweeper", example_plugin()}},
                                                const std::map<std::string, std::string>& missing = {}) {
  std::vector<std::string> lines;
  const auto result = document(text, "test.yaml", "/etc/scanhost").resolve(plugins, missing);
  if (result) return lines;
  for (const auto& problem : result.error())
    lines.push_back(std::to_string(problem.line) + ": " + problem.message);
  return lines;
}

inline settings settings_of(const std::string& text,
                            const tables& plugins = {{"sweeper", example_plugin()}}) {
  auto result = document(text, "test.yaml", "/etc/scanhost").resolve(plugins, {});
  if (!result) throw std::runtime_error(to_text(result.error()));
  return *result;
}

}  // namespace scanhost::config
