// SPDX-License-Identifier: Apache-2.0
//
// One scanner's move to another plan (another build, other settings, or both): a new generation is made
// beside the one that runs, and takes its place once that has drained.
//
// By one thread, which may wait; the scanner goes on to be used by others meanwhile. Only for a scanner that
// runs as a service.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "runner/scanner.hpp"

namespace scanhost::runner {

class generation;

// What became of the old generation.
struct replaced {
  bool cancelled = false;       // its scans had to be
  bool retained = false;        // its thread is still inside the plugin: it is left behind, and stays mapped
  bool pinned = false;          // it was closed, and something keeps it mapped
  base::milliseconds pause{0};  // from its last scan's end to the new one's begin, about
};

class replacement {
 public:
  replacement(scanner& of, plan::scanner_plan plan);
  ~replacement();  // not committed: the new generation goes, and the old one runs as before
  replacement(const replacement&) = delete;
  replacement& operator=(const replacement&) = delete;

  // Makes the new generation: opens its copy, connects, creates an instance. An error changed nothing.
  // `given_up` ends the wait.
  base::result<void> prepare(const std::atomic<bool>& given_up);

  // The old one starts no scan from here on, and is asked for its state. There is no way back but commit().
  void retire();

  // Waits until the old one has drained, at most `drain_timeout` of its settings, then cancels it; the new
  // one begins; the old one's thread is joined, then its library is closed. An error: the scanner is being
  // stopped.
  base::result<replaced> commit(std::string outcome, std::string reason);

 private:
  void wait_for_old(replaced& report);
  void let_go(replaced& report);
  void dismiss();

  scanner& scanner_;
  std::shared_ptr<const plan::scanner_plan> plan_;
  std::shared_ptr<const plan::scanner_plan> plan_before_;
  std::shared_ptr<generation> next_;
  std::shared_ptr<generation> old_;
  std::optional<base::steady_time> drain_deadline_;
};

}  // namespace scanhost::runner
