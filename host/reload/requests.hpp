// SPDX-License-Identifier: Apache-2.0
//
// What each request to the reloader does, one at a time, on the reloader's thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "plan/plan_reader.hpp"
#include "reload/answer.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/executor.hpp"
#include "reload/journal.hpp"
#include "reload/probations.hpp"

namespace scanhost::reload {

class file_watch;

// What reloads work on.
struct host_parts {
  runner::roster& scanners;
  plugin::loader& loader;
  metrics::registry& registry;
  blocked_builds& blocked;    // used only by the reloader's thread from here on
  plan::plan_reader& reader;  // likewise
  file_watch* watch;          // follows the plugin folders of the configuration; null: nothing is watched
};

class requests {
 public:
  requests(const host_parts& parts, config::settings settings, const std::atomic<bool>& stopping);

  answer reload(plan::read_scope scope, const std::vector<std::string>& only);
  answer plan();
  answer roll_back(const std::string& scanner);
  answer release(const std::string& sha256);
  answer list_blocked();

  // Judges the builds on probation, and rolls back those that failed. True: some are still
  // on probation.
  bool judge_probations();

 private:
  std::vector<plan::scanner_plan> running() const;
  base::result<void> keep_others(plan::target& target, const std::vector<std::string>& only) const;
  base::result<void> choose_builds(plan::target& target, answer_builder& answer);
  base::result<std::optional<plan::refused_build>> find_objection(const plan::target& target,
                                                                  const plan::scanner_plan& plan);
  std::vector<change> changes_to(const plan::target& target) const;
  void go_back(const std::string& scanner, const std::string& sha256, const std::string& reason,
               answer_builder& answer);
  probation_limits limits() const noexcept;

  host_parts parts_;
  config::settings settings_;
  journal journal_;
  probations probations_;
  executor executor_;
};

}  // namespace scanhost::reload
