// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C and its like: a flag is set, and looked at between steps.
#pragma once

#include <chrono>

namespace scanhost::demo {

void watch_for_interrupts();  // SIGINT, SIGTERM, SIGHUP; SIGPIPE is ignored
bool interrupted() noexcept;

// Sleeps, but not beyond an interrupt.
void rest(std::chrono::milliseconds duration);

}  // namespace scanhost::demo
