// SPDX-License-Identifier: Apache-2.0
//
// The server-side functions that plugins need: where their libraries are, what the server has, and how they
// get there when the operator asks for it.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "plan/function_library.hpp"
#include "plan/server_functions.hpp"
#include "plugin/catalogue.hpp"
#include "store/session.hpp"

namespace scanhost::plan {

// A library that came with plugins: `<name>.lua` beside them.
struct bundled_library {
  std::string name;
  std::string version;
  std::filesystem::path file;
  std::string code;
};

// Reads one file. It is an error if the file is missing, has no engine line or no mark, or if their names
// differ.
base::result<bundled_library> read_library(const std::filesystem::path& file);

// Every library in these folders, by name. A .lua file that is not such a library is an error.
base::result<std::vector<bundled_library>> libraries_in(const std::vector<std::filesystem::path>& folders);

// What the scanners of a configuration need of one library.
struct library_need {
  std::string library;
  std::filesystem::path file;       // where its source should be
  std::set<std::string> functions;  // without which these scanners cannot run, ...
  std::vector<std::string> scanners;
  std::set<std::string> awaited_functions;  // ... and those for which these wait (`enabled: auto`)
  std::vector<std::string> awaiting_scanners;
};
std::vector<library_need> needed_libraries(const std::vector<config::scanner_settings>& scanners,
                                           const plugin::catalogue& plugins);

// What the server has for one need.
struct library_status {
  library_need need;
  bool present = false;              // a library of that name; in a cluster: at every primary
  std::string version;               // from our mark, or several; empty: not ours
  std::vector<std::string> missing;  // of its functions: those that no library of the server has
  std::vector<std::string> awaited;  // likewise, of its awaited functions
};
struct functions_report {
  std::vector<library_status> libraries;
  function_inventory found;  // empty without needs: then the server is not asked
};
base::result<functions_report> read_status(store::session& store, const std::vector<library_need>& needs);

// Ok, or an error that names the missing functions, the scanners that need them, and the command to run.
base::result<void> require_functions(const std::vector<library_status>& libraries,
                                     const std::string& store_url, const std::string& config_file);

struct install_report {
  std::string server;  // "10.0.0.7:6379"
  std::string library;
  std::string version;  // of the bundled one
  install_step step;
  std::string server_version;  // what the server had before; empty: nothing, or not ours
};
// At each server: in a cluster, a primary keeps its functions for itself and its replicas.
base::result<std::vector<install_report>> install_library(store::session& store,
                                                          const bundled_library& library);

}  // namespace scanhost::plan
