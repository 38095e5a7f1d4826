// SPDX-License-Identifier: Apache-2.0
//
// The commands and their arguments. Each command has a file of its own and returns the exit code. Results go
// to standard output, everything else to standard error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/exit_code.hpp"

namespace scanhost::commands {

struct run_request {
  std::filesystem::path config;
  std::uint64_t cycles = 0;  // 0: as a service, until a signal
  std::vector<std::string> scanners;
  bool dry_run = false;  // of all scanners, whatever the configuration says
  bool json = false;
};
base::exit_code run(const run_request& request);

struct check_config_request {
  std::filesystem::path config;
  bool json = false;
};
base::exit_code check_config(const check_config_request& request);

struct reference_request {
  bool commands = false;     // instead of the configuration file
  bool manual_page = false;  // for man(1), in place of text
};
base::exit_code print_reference(const reference_request& request);

struct plugin_request {
  std::vector<std::filesystem::path> folders;  // empty: the bundled plugins
  std::optional<std::filesystem::path> config;
  std::string plugin;  // describe: a file, or a name in the folders
  bool json = false;
  bool acl = false;      // describe: print the server's user in place of the description
  bool cluster = false;  // of a cluster
};
base::exit_code list_plugins(const plugin_request& request);
base::exit_code describe_plugin(const plugin_request& request);
// The least user for the plugin or, if none is named, for all scanners of the configuration.
base::exit_code print_server_user(const plugin_request& request);

struct verify_request {
  std::vector<std::filesystem::path> folders;  // empty: the bundled plugins
  std::optional<std::filesystem::path> config;
  std::string plugin;                // a file, or a name in the folders; empty: that of the scanner
  std::string scanner;               // of `config`, whose options count; empty: none
  std::vector<std::string> options;  // "name=value"
  std::optional<std::filesystem::path> before;  // a file of commands that fill the store of the checks
  std::vector<std::string> checks;              // empty: all
  std::optional<base::milliseconds> limit;      // of each check
  bool json = false;
};
base::exit_code verify_plugin(const verify_request& request);

struct new_plugin_request {
  std::string name;
  std::string language = "cpp";
  std::filesystem::path folder;  // empty: the name
};
base::exit_code new_plugin(const new_plugin_request& request);

struct functions_request {
  std::optional<std::filesystem::path> config;
  std::vector<std::filesystem::path> folders;  // print: where libraries lie; empty: the bundled plugins
  std::string library;                         // empty: the only one, or all
  bool json = false;
};
base::exit_code print_functions(const functions_request& request);
base::exit_code show_functions(const functions_request& request);
base::exit_code install_functions(const functions_request& request);

// A command for a running host.
struct ctl_request {
  std::string command;  // one of admin::commands()
  std::vector<std::string> arguments;
  std::map<std::string, std::string> options;  // of the command, by name
  std::optional<std::filesystem::path> socket;
  std::optional<std::filesystem::path> config;  // names the socket if `socket` does not
  base::milliseconds timeout{60'000};
  bool json = false;
  bool history = false;                     // status: with what became of each generation
  std::optional<base::milliseconds> watch;  // status: again after this time, until it is interrupted
};
base::exit_code ctl(const ctl_request& request);

// Starts the demo's program in place of this one, with these arguments; returns only when that failed.
base::exit_code demo(const std::vector<std::string>& arguments);

}  // namespace scanhost::commands
