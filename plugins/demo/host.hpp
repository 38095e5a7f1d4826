// SPDX-License-Identifier: Apache-2.0
//
// The host under demonstration: the real program, in a process of its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "status.hpp"

namespace scanhost::demo {

struct host_settings {
  std::filesystem::path program;
  std::filesystem::path folder;  // for its configuration, its log, its copies of plugins
  std::filesystem::path socket;  // of the store
  std::filesystem::path plugin_folder;
  std::vector<std::string> scanners;
  std::string listen;  // ADDR:PORT of its status page, or none
};

// The configuration that makes the host do this: default intervals, everything else as shipped.
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
  std::filesystem::path config_;
  std::filesystem::path log_;
  std::optional<child_process> process_;
};

}  // namespace scanhost::demo
