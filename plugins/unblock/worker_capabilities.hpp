// SPDX-License-Identifier: Apache-2.0
//
// The union of what all workers of a registry can do. Their keys lie in slots of their own, so they are read
// in pages and in small pipelines.
#pragma once

#include <scanhost/scanner.hpp>
#include <string>
#include <string_view>
#include <unordered_set>

namespace ff {

struct worker_capabilities {
  enum class state { loaded, failed, cancelled };

  state status = state::loaded;
  std::string problem = {};  // why they could not be loaded
  std::unordered_set<std::string> tokens = {};
};

// Whether every token that is required (not trimmed; empty ones do not count) is in one of the two; null:
// there is no such registry.
bool cover(std::string_view required, const worker_capabilities* first, const worker_capabilities* second);

// Reads all workers of the global registry, or of that of a namespace. Any failed read makes the whole a
// failure.
scanhost::task<worker_capabilities> load_global_workers(scanhost::scan_context& scan);
scanhost::task<worker_capabilities> load_workers_of(scanhost::scan_context& scan, std::string space);

}  // namespace ff
