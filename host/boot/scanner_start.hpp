// SPDX-License-Identifier: Apache-2.0
//
// The scanners that the host starts with: which of them, with which builds, and their start with what earlier
// hosts left behind: pauses, histories, blocked builds and last good builds.
//
// Threads: the control thread, apart from read_plans.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "metrics/registry.hpp"
#include "plan/assembly.hpp"
#include "plan/plan_reader.hpp"
#include "plan/scanner_plan.hpp"
#include "reload/kept_state.hpp"
#include "reload/start_checks.hpp"
#include "runner/roster.hpp"

namespace scanhost::boot {

class scanner_start {
 public:
  // All of it outlives this. `parts` changes with the builds that are chosen.
  struct host_parts {
    plan::assembly& parts;
    const plan::plan_reader& configuration;
    reload::kept_state& kept;
    runner::roster& scanners;
    metrics::registry& registry;
  };

  explicit scanner_start(host_parts host) noexcept : host_(host) {}

  // Selects the scanners that the configuration enables.
  base::result<void> select();

  // Counts the crashes of earlier hosts. Where that or an operator has blocked the build of a plugin, its
  // last good build takes its place, if the configuration suits it.
  base::result<void> choose_builds();

  // Asks the store; on any thread, after the calls above.
  base::result<std::vector<plan::scanner_plan>> read_plans(std::stop_token stop,
                                                           const std::string& config_file) const;

  // Adds a scanner for each plan and starts it, unless its build is blocked. An error: none was started.
  base::result<void> start(std::vector<plan::scanner_plan> plans);

 private:
  void use_fallback(const std::string& plugin, reload::fallback fallback);
  runner::scanner& add(plan::scanner_plan plan);
  void start(runner::scanner& scanner, const config::scanner_settings& settings, base::milliseconds delay,
             const std::string* blocked);
  void start_last_good(runner::scanner& scanner, base::milliseconds delay, const std::string& reason);
  void log_other_pauses() const;

  const host_parts host_;
  std::vector<config::scanner_settings> selected_;
  std::map<std::string, std::string> fallbacks_;  // by plugin: why its last good build runs
};

}  // namespace scanhost::boot
