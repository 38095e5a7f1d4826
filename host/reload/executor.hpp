// SPDX-License-Identifier: Apache-2.0
//
// Carries out one request at a time, on the thread of the reloader: reads what is wanted, compares, swaps,
// starts, stops; watches over probation; goes back.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reload/changes.hpp"
#include "reload/reloader.hpp"
#include "reload/report.hpp"
#include "reload/swap.hpp"

namespace scanhost::reload {

class executor {
 public:
  executor(reloader::surroundings around, config::settings now, const std::atomic<bool>& given_up);

  outcome reload(plan::source from, const std::vector<std::string>& only);
  outcome plan();
  outcome roll_back(const std::string& scanner);
  outcome release(const std::string& sha256);
  outcome list_blocked();

  // Judges the generations on probation; true: some still are.
  bool look_after();

 private:
  struct trial {
    probation judge;
    std::string sha256;
  };

  std::vector<plan::scanner_plan> running() const;
  base::result<void> leave_others(plan::target& target, const std::vector<std::string>& only) const;
  base::result<void> settle_builds(plan::target& target, report& answer);
  void refuse(const std::string& scanner, const std::string& sha256, const std::string& reason,
              report& answer);
  void carry_out(const plan::target& target, report& answer);
  void replace(const plan::target& target, const std::vector<change>& changes, report& answer);
  void swap(const std::vector<move>& moves, report& answer);
  void swapped(const move& scanner_move, const plan::scanner_plan& before,
               const runner::scanner_status& status, const base::result<runner::replaced>& result,
               report& answer);
  void add(const plan::scanner_plan& plan, report& answer);
  void remove(const std::string& name, report& answer);
  void go_back(const std::string& sha256, const std::string& scanner, const std::string& why, report& answer);
  void count(const std::string& scanner, const char* what);

  reloader::surroundings around_;
  config::settings settings_;
  const std::atomic<bool>& given_up_;
  std::map<std::string, plan::scanner_plan> before_;  // by scanner: with the build before the present one
  std::map<std::string, trial> trials_;
  std::map<std::string, std::string>
      recorded_refusals_;  // by scanner: the refusal that its history has already
};

}  // namespace scanhost::reload
