// SPDX-License-Identifier: Apache-2.0
//
// The reloads of a host, one after the other: brings what runs to what is wanted, watches new builds while
// they are on probation, and goes back to the build before.
//
// Whoever notices something (a changed file, a signal, `ctl`) puts it into the one queue. The work is done on
// a thread of its own, since it waits: for a probe, for scans that drain.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/exit_code.hpp"
#include "metrics/registry.hpp"
#include "plan/target.hpp"
#include "plugin/loader.hpp"
#include "reload/builds.hpp"
#include "reload/probation.hpp"
#include "runner/roster.hpp"

namespace scanhost::reload {

// What came of one request.
struct outcome {
  base::exit_code code = base::exit_code::ok;
  std::string message;  // for people, one thing a line
  std::string data;     // JSON
};

class reloader {
 public:
  struct surroundings {
    runner::roster& scanners;
    plugin::loader& loader;
    metrics::registry& registry;
    blocked_builds& blocked;  // its thread's, from here on
    // Reads what is wanted; on its thread.
    std::function<base::result<plan::target>(plan::source, const std::vector<plan::scanner_plan>& running)>
        read;
    // A reload has changed the settings; on its thread.
    std::function<void(const config::settings&)> applied;
  };
  using on_done = std::function<void(outcome)>;  // on its thread; empty: nobody asks

  reloader(surroundings around, config::settings now);
  ~reloader();  // gives up what is under way, as soon as it can; requests in the queue are dropped
  reloader(const reloader&) = delete;
  reloader& operator=(const reloader&) = delete;

  // Any thread. Requests without on_done that wait already are not doubled.
  // `only`: the scanners that may change; empty: all.
  void reload(plan::source from, std::vector<std::string> only, on_done done);
  void plan(on_done done);  // what reload(configuration) would do
  void roll_back(std::string scanner, on_done done);
  void release(std::string sha256, on_done done);
  void list_blocked(on_done done);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace scanhost::reload
