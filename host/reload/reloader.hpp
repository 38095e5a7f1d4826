// SPDX-License-Identifier: Apache-2.0
//
// The reloads of a host, one after the other: brings what runs to what the configuration asks for, watches
// new builds while they are on probation, and rolls back to the previous build.
//
// A changed file, a signal and `ctl` all put a request into a single queue. The work is
// done on a separate thread, since it waits: for a probe, for scans that drain.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "plan/target.hpp"
#include "reload/answer.hpp"
#include "reload/blocked_builds.hpp"
#include "reload/configuration_state.hpp"

namespace scanhost::reload {

struct host_parts;

class reloader {
 public:
  using on_done = std::function<void(answer)>;  // on the reloader's thread; empty: no answer is needed

  reloader(const host_parts& parts, config::settings settings);
  ~reloader();  // abandons the current request as soon as possible; requests in the queue are dropped
  reloader(const reloader&) = delete;
  reloader& operator=(const reloader&) = delete;

  // Any thread. A request without on_done is dropped if an equal one already waits.
  // `only`: the scanners that may change; empty: all.
  void reload(plan::read_scope scope, std::vector<std::string> only, on_done done);
  void plan(on_done done);  // what reload(configuration) would do
  void roll_back(std::string scanner, on_done done);
  void release(std::string sha256, on_done done);
  void list_blocked(on_done done);
  void save_pauses(on_done done);
  void save_histories();

  // What became of the last reload of the configuration. Any thread, at once.
  configuration_state configuration() const;
  // As they were when this host last changed them, read the configuration or loaded a build. Likewise.
  std::vector<blocked_build> blocked_list() const;

 private:
  class queue;
  std::unique_ptr<queue> queue_;
};

}  // namespace scanhost::reload
