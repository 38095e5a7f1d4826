// SPDX-License-Identifier: Apache-2.0
//
// The server-side functions that plugins need: where their libraries lie, what the server has, and
// putting them there on the operator's word.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "plan/function_library.hpp"
#include "plugin/loader.hpp"
#include "store/session.hpp"

namespace scanhost::plan {

// A library that came with plugins: `<name>.lua` beside them.
struct bundled_library {
  std::string name;
  std::string version;
  std::filesystem::path file;
  std::string code;
};

// Reads one file. Errors: not there, no engine line, no mark, names that differ.
base::result<bundled_library> read_library(const std::filesystem::path& file);

// Every library in these folders, by name; files that are no such library are errors.
base::result<std::vector<bundled_library>> libraries_in(const std::vector<std::filesystem::path>& folders);

// What the scanners of a configuration need of one library.
struct library_need {
  std::string library;
  std::filesystem::path file;  // where its source would lie
  std::set<std::string> functions;
  std::vector<std::string> scanners;
};
std::vector<library_need> needed_libraries(const std::vector<config::scanner_settings>& scanners,
                                           const plugin::catalogue& plugins);

// What the server has for one need.
struct library_status {
  library_need need;
  bool present = false;              // a library of that name
  std::string version;               // from our mark; empty: not ours
  std::vector<std::string> missing;  // functions that no library of the server has
};
base::result<std::vector<library_status>> read_status(store::session& store,
                                                      const std::vector<library_need>& needs);

// The refusal for what is missing: which scanners, which functions, what to run. Ok: nothing is missing.
base::result<void> require_functions(const std::vector<library_status>& libraries,
                                     const std::string& store_url, const std::string& config_file);

struct install_report {
  std::string library;
  std::string version;  // of the bundled one
  install_step step;
  std::string server_version;  // what was there before; empty: nothing, or not ours
};
base::result<install_report> install_library(store::session& store, const bundled_library& library);

}  // namespace scanhost::plan
