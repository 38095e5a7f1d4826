// SPDX-License-Identifier: Apache-2.0
//
// The host under demonstration: the real program, in a process of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "child_process.hpp"

namespace scanhost::demo {

// What the host reports about a scanner (`scanhost ctl status --json`).
struct scanner_status {
  std::string name;
  std::string plugin;
  std::string state = {};
  std::uint64_t cycles = 0, processed = 0, unchanged = 0, errors = 0, skipped = 0;
  std::optional<std::uint64_t> backlog = {};
  std::optional<std::int64_t> oldest_overdue_ms = {};
  double rate = 0;  // processed per second, lately
};

struct counter {
  const char* name;  // in JSON
  std::uint64_t scanner_status::*value;
};
inline constexpr counter counters[] = {{"cycles", &scanner_status::cycles},
                                       {"processed", &scanner_status::processed},
                                       {"unchanged", &scanner_status::unchanged},
                                       {"errors", &scanner_status::errors},
                                       {"skipped", &scanner_status::skipped}};

// The scanners in the host's document, whatever else a later host adds to it; none: it is not one.
std::optional<std::vector<scanner_status>> parse_status(std::string_view document);

// Whether each of so many scanners has begun its first cycle.
bool have_begun(const std::vector<scanner_status>& scanners, std::size_t count);

struct host_settings {
  std::filesystem::path program;
  std::filesystem::path folder;  // for its configuration, its log, its copies of plugins
  std::filesystem::path socket;  // of the store
  std::filesystem::path plugin_folder;
  std::vector<std::string> scanners;
  std::string listen;  // ADDR:PORT of its status page, or none
};

// The configuration that makes the host do this: default intervals, everything else as shipped, but for those
// that walk the keyspace, which see all of it in every cycle.
std::string config_text(const host_settings& settings);

std::string free_address();  // 127.0.0.1 with a port that is free now; throws problem

class host {
 public:
  explicit host(host_settings settings);  // writes the configuration

  void install_functions();  // throws problem
  void start();              // and waits until its scanners have begun; throws problem
  bool is_running() { return process_ && process_->is_running(); }
  std::optional<std::vector<scanner_status>> status() const;
  bool stop();  // whether it ends with exit code 0 within 15 s
  std::string log_tail() const;

 private:
  std::optional<int> run_program(const std::vector<std::string>& arguments,
                                 const std::filesystem::path& output) const;

  host_settings settings_;
  std::filesystem::path config_, log_;
  std::optional<child_process> process_;
};

}  // namespace scanhost::demo
