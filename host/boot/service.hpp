// SPDX-License-Identifier: Apache-2.0
//
// The daemon: wires the parts in order, runs until a signal, stops them in reverse.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/exit_code.hpp"
#include "plan/assembly.hpp"

namespace scanhost::boot {

// Runs until SIGTERM or SIGINT, then stops in order within 15 s; a second signal stops at once. SIGHUP
// reloads (reload/reloader.hpp), during the start after it. If the store cannot be reached at the start, it
// waits for it and answers meanwhile. An error says what made a start impossible.
base::result<base::exit_code> run_service(plan::assembly parts, const std::filesystem::path& config_file);

}  // namespace scanhost::boot
