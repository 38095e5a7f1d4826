// SPDX-License-Identifier: Apache-2.0
//
// The host under demonstration: the real program, in a process of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "child.hpp"
#include "http.hpp"
#include "status.hpp"

namespace scanhost::demo {

struct host_settings {
  std::filesystem::path program;
  std::filesystem::path folder;  // for its configuration, its log, its copies of plugins
  std::filesystem::path socket;  // of the store
  std::filesystem::path plugin_folder;
  std::vector<std::string> scanners;
  std::optional<endpoint> listen;  // none: no page, no live counters
};

// The configuration that makes the host do this: default intervals, everything else as shipped.
std::string config_text(const host_settings& settings);

class host {
 public:
  // Writes the configuration.
  explicit host(host_settings settings);

  void install_functions();  // throws problem
  void start();              // and waits until it is ready; throws problem
  bool running() { return process_ && process_->running(); }
  std::optional<std::vector<scanner_status>> status() const;
  // Ends it; true: with exit code 0, within 15 s.
  bool stop();
  std::string log_tail() const;

 private:
  bool ready() const;

  host_settings settings_;
  std::filesystem::path config_;
  std::filesystem::path log_;
  std::unique_ptr<child> process_;
};

}  // namespace scanhost::demo
