// SPDX-License-Identifier: Apache-2.0
//
// What is wanted, read again while the host runs: the YAML file, the plugin folders, the store.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "config/load.hpp"
#include "plan/target.hpp"
#include "plugin/loader.hpp"

namespace scanhost::plan {

// By one thread.
class plan_reader {
 public:
  plan_reader(std::filesystem::path config_file, std::unique_ptr<config::document> read,
              plugin::loader& loader);

  // A plugin whose file cannot be used now stays as `running` has it, with the reason in the reading; a
  // plugin that nobody runs yet is a problem of the configuration then. An error: what is wrong, all of it.
  base::result<target> read(source from, const std::vector<scanner_plan>& running);

 private:
  base::result<target> read(const config::document& document, const std::vector<scanner_plan>& running);

  const std::filesystem::path config_file_;
  std::unique_ptr<config::document> document_;
  plugin::loader& loader_;
};

}  // namespace scanhost::plan
