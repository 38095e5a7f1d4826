// SPDX-License-Identifier: Apache-2.0
//
// Replaces a scanner's generation by one with another plan (another build, other settings, or both): the new
// one is started beside the one that runs, and takes its place once that has drained.
//
// Used by one thread, which may wait; others go on to use the scanner meanwhile. Only for a scanner that runs
// as a service.
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
  bool cancelled = false;       // its scans were cancelled
  bool retained = false;        // its thread is still inside the plugin: it is abandoned, and stays mapped
  bool pinned = false;          // it was closed, and something keeps it mapped
  base::milliseconds pause{0};  // from the end of its last scan until the new one starts, about
};

class replacement {
 public:
  replacement(scanner& scanner, plan::scanner_plan plan);
  ~replacement();  // not committed: the new generation is dismissed, and the old one runs as before
  replacement(const replacement&) = delete;
  replacement& operator=(const replacement&) = delete;

  // Starts the new generation: it opens its copy, connects and creates an instance. On an error nothing was
  // changed. `given_up` ends the wait.
  base::result<void> prepare(const std::atomic<bool>& given_up);

  // The old one starts no scan from here on, and is asked for its state. Only commit() may follow.
  void retire();

  // Waits until the old one has drained, at most `drain_timeout` of its settings, then cancels it; the new
  // one begins; the old one's thread is joined, then its library is closed. An error: the scanner is being
  // stopped.
  base::result<replaced> commit(std::string outcome, std::string reason);

 private:
  void wait_for_old(replaced& report);
  void close_old(replaced& report);
  void dismiss();

  scanner& scanner_;
  std::shared_ptr<const plan::scanner_plan> plan_;
  std::shared_ptr<const plan::scanner_plan> plan_before_;
  std::shared_ptr<generation> next_;
  std::shared_ptr<generation> old_;
  std::optional<base::steady_time> drain_deadline_;
};

}  // namespace scanhost::runner
