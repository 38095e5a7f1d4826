// SPDX-License-Identifier: Apache-2.0
//
// The least user of a server that runs some scanners: its access rules, each with its reasons. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/description.hpp"
#include "plugin/lua_commands.hpp"
#include "verify/observation.hpp"

namespace scanhost::commands {

struct user_settings {
  std::string name = "scanhost";
  bool cluster = false;
  bool other_database = false;  // than 0
};

// What the gate asks of the server for a scanner.
enum class gate_use {
  none,
  judges,    // dry run, permissions or audit: it needs the table of commands
  read_only  // a dry run, or permissions.read_only: what may write is not sent, or in its read-only form
};

// What is known of one scanner's plugin.
struct scanner_needs {
  std::string name;  // of the scanner or plugin, for the reasons
  config::description plugin;
  verify::observation seen;
  plugin::lua_commands functions;  // of its functions on the server
  gate_use gate = gate_use::none;
};

class server_user {
 public:
  explicit server_user(user_settings settings) : settings_(std::move(settings)) {}

  void add(const scanner_needs& scanner);

  struct rule {
    std::string text;  // "+hget", "~cart:*"
    std::vector<std::string> reasons;
  };
  // Keys, channels, then commands. After the last add().
  std::vector<rule> rules() const;

  // "ACL SETUSER scanhost reset on >PASSWORD ...", for redis-cli or valkey-cli.
  std::string command() const;

  // What the rules do not cover, or may give too much; one sentence each.
  std::vector<std::string> remarks() const;

 private:
  void add_host_commands(const scanner_needs& scanner);
  void add_keys(const scanner_needs& scanner);
  void allow(const std::string& command, const std::string& reason, const std::string& scanner);
  bool covers(const std::string& key) const;

  user_settings settings_;
  std::map<std::string, std::map<std::string, std::set<std::string>>> commands_;  // rule, reason, scanners
  std::map<std::string, std::set<std::string>> written_;  // key patterns, and whose they are
  std::map<std::string, std::set<std::string>> read_;     // the same
  std::map<std::string, std::set<std::string>> channels_;
  bool probe_writes_ = false;              // a scanner writes: so does the host's probe
  std::set<std::string> read_only_;        // scanners of which the gate sends nothing that writes
  std::set<std::string> without_keys_;     // scanners of which no key was seen
  std::set<std::string> unknown_keys_;     // commands whose keys are not known
  std::set<std::string> libraries_;        // whose functions count as the bundled library has them
  std::set<std::string> only_named_;       // scanners whose files name commands that they did not send
  std::set<std::string> unclear_scripts_;  // scanners whose Lua text computes the names of commands
};

}  // namespace scanhost::commands
