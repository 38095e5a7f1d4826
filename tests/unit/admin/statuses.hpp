// SPDX-License-Identifier: Apache-2.0
//
// Statuses to answer with.
#pragma once

#include "runner/record/status.hpp"

namespace scanhost::admin {

inline runner::scanner_status ready_scanner(const std::string& name = "sweeper") {
  runner::scanner_status status;
  status.name = name;
  status.plugin = "sweeper";
  status.plugin_version = "1.2.3";
  status.state = runner::scanner_state::waiting;
  status.generation = 1;
  status.interval = base::milliseconds(1500);
  status.cycles = 3;
  status.store.state = store::connection_state::up;
  status.store.endpoint = "valkey://127.0.0.1:6379";
  return status;
}

}  // namespace scanhost::admin
