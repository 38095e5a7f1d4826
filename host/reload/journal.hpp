// SPDX-License-Identifier: Apache-2.0
//
// What reloads record besides their answers: the metric, the log and the history of the scanners.
//
// Threads: the reloader's, but for configuration() and blocked_list().
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "metrics/registry.hpp"
#include "reload/answer.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/configuration_state.hpp"
#include "runner/roster.hpp"

namespace scanhost::reload {

// The name in the log if a line is not about a single scanner.
inline constexpr const char* every_scanner = "reload";

class journal {
 public:
  // A configuration was accepted: that of the start.
  journal(runner::roster& scanners, metrics::registry& registry);

  // `scanner`: empty if it is not about a single one.
  void count(const std::string& scanner, const std::string& outcome);

  // The configuration was read again. `needs_restart`: see configuration_state.
  void accept_configuration(std::vector<std::string> needs_restart);
  void refuse_configuration(const std::string& reason);
  configuration_state configuration() const;  // any thread
  void set_blocked_builds(std::vector<blocked_build> builds);
  std::vector<blocked_build> blocked_list() const;  // any thread

  // Answered every time; logged, counted and recorded in the history only if the last refusal of this scanner
  // was about another file or had another reason. `sha256`: of the file; empty: it could not be read.
  void refuse(const std::string& scanner, const std::string& sha256, const std::string& reason,
              answer_builder& answer);
  bool is_refused(const std::string& scanner) const { return refused_.contains(scanner); }
  void forget_refusal(const std::string& scanner) { refused_.erase(scanner); }
  void forget_refusals() { refused_.clear(); }

 private:
  runner::roster& scanners_;
  metrics::registry& registry_;
  metrics::gauge config_ok_;
  mutable std::mutex mutex_;
  configuration_state configuration_;
  metrics::gauge config_accepted_;
  metrics::gauge blocked_builds_;
  std::vector<blocked_build> blocked_list_;                             // under mutex_
  std::map<std::string, std::pair<std::string, std::string>> refused_;  // by scanner: the last build, and why
};

}  // namespace scanhost::reload
