// SPDX-License-Identifier: Apache-2.0
//
// The union of what all workers can do.
#pragma once

#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <unordered_set>

namespace ff {

struct worker_capabilities {
  enum class state { loaded, failed, cancelled };

  state status = state::loaded;
  std::unordered_set<std::string> tokens = {};

  // Whether every token that is required (not trimmed; empty ones do not count) is among them. Where they
  // could not be loaded everything counts as covered: the scheduler decides finally.
  bool cover(std::string_view required) const;
};

// Reads all workers. Any failed read makes the whole a failure, which is logged.
scanhost::task<worker_capabilities> load_worker_capabilities(scanhost::scan_context& scan,
                                                             scanhost::services host);

}  // namespace ff
