// SPDX-License-Identifier: Apache-2.0
//
// What was found in the plugin folders.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "plugin/refusal.hpp"

namespace scanhost::plugin {

class staged_file;

// A plugin as found in a folder: read as ELF and probed, not opened by this process.
struct found_plugin {
  std::filesystem::path file;
  config::description description;
  std::string sha256;
  // The very bytes that were probed. loader::open() copies from them, so that later changes of the file do
  // not matter. Removed with the last copy of this record.
  std::shared_ptr<const staged_file> copy;
  // Its create takes its default options. Otherwise it has to be tried with those of each scanner.
  bool takes_defaults = true;
};

struct refused_plugin {
  std::filesystem::path file;
  std::string name;  // the file's name without .so
  load_error error;
};

struct catalogue {
  std::map<std::string, found_plugin> plugins;  // by plugin name
  std::vector<refused_plugin> refused;
};

}  // namespace scanhost::plugin
