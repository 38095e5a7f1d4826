// SPDX-License-Identifier: Apache-2.0
//
// What each request to the reloader does, one at a time, on the reloader's thread.
#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plan/partition_check.hpp"
#include "plan/plan_reader.hpp"
#include "reload/answer.hpp"
#include "reload/executor.hpp"
#include "reload/journal.hpp"
#include "reload/kept_state.hpp"
#include "reload/probations.hpp"

namespace scanhost::reload {

class file_watch;

// What reloads work on.
struct host_parts {
  runner::roster& scanners;
  plugin::loader& loader;
  metrics::registry& registry;
  kept_state& kept;  // used only by the reloader's thread from here on, but for what may be called by any
  plan::plan_reader& reader;
  file_watch* watch;  // follows the plugin folders of the configuration; null: nothing is watched
};

class requests {
 public:
  // `stopping`, `stop`: the host stops; waits end soon, and nothing new begins.
  requests(const host_parts& parts, config::settings settings, const std::atomic<bool>& stopping,
           std::stop_token stop);

  answer reload(plan::read_scope scope, const std::vector<std::string>& only);
  answer plan();
  answer roll_back(const std::string& scanner);
  answer release(const std::string& sha256);
  answer list_blocked();
  answer save_pauses();
  answer save_histories();

  // Any thread.
  configuration_state configuration() const { return journal_.configuration(); }
  std::vector<blocked_build> blocked_list() const { return journal_.blocked_list(); }

  // Says if the store has other numbers of partitions by now.
  void check_partitions();

  // Judges the builds on probation and rolls back those that failed; keeps the builds that ran well. Returns
  // when to look again; none: not before the next request.
  std::optional<base::milliseconds> look_at_builds();

 private:
  std::vector<plan::scanner_plan> running() const;
  base::result<void> keep_others(plan::target& target, const std::vector<std::string>& only) const;
  base::result<void> choose_builds(plan::target& target, answer_builder& answer);
  base::result<std::optional<plan::refused_build>> find_objection(const plan::target& target,
                                                                  const plan::scanner_plan& plan);
  std::vector<change> changes_to(const plan::target& target) const;
  std::vector<std::string> notes_on_pauses(const plan::target& target) const;
  void judge_probations();
  // `cycles`: that a build must have completed without a restart.
  void keep_good_builds(std::uint64_t cycles);
  bool any_unproven() const;
  void go_back(const std::string& scanner, const std::string& sha256, const std::string& reason,
               answer_builder& answer);
  probation_limits limits() const noexcept;
  void publish_blocked_builds();

  host_parts parts_;
  config::settings settings_at_start_;
  config::settings settings_;
  std::stop_token stop_;
  journal journal_;
  probations probations_;
  plan::partition_check partition_check_;
  executor executor_;
  run_watch runs_;
};

}  // namespace scanhost::reload
