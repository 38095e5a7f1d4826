// SPDX-License-Identifier: Apache-2.0
//
// Reads again, while the host runs, what shall run: from the YAML file, the plugin folders and the store.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/error.hpp"
#include "config/load.hpp"
#include "plan/target.hpp"
#include "plugin/loader.hpp"

namespace scanhost::plan {

// To be used by one thread.
class plan_reader {
 public:
  // `document`: what was read at the start.
  plan_reader(std::filesystem::path config_file, std::unique_ptr<config::document> document,
              plugin::loader& loader);

  // The configuration that was read last, validated against these plugins. An error names all that is wrong.
  base::result<config::settings> settings_with(const plugin::catalogue& plugins) const;

  // A plugin whose file cannot be used now keeps the build that `running` has, and the target says why. If no
  // scanner runs it yet, the configuration is wrong. An error names all that is wrong. A requested `stop`
  // ends the wait for the store at once.
  base::result<target> read(read_scope scope, const std::vector<scanner_plan>& running,
                            const std::stop_token& stop = {});

 private:
  base::result<target> read(const config::document& document, const std::vector<scanner_plan>& running,
                            const std::stop_token& stop);

  const std::filesystem::path config_file_;
  std::unique_ptr<config::document> document_;
  plugin::loader& loader_;
};

}  // namespace scanhost::plan
