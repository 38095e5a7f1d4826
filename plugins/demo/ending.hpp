// SPDX-License-Identifier: Apache-2.0
//
// What ends the demo early: a failure that it cannot go on after, or the user.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace scanhost::demo {

// Caught in main alone: all that was started or created is undone on the way there by its owners. Its text
// names the thing, what was found, and what to do.
struct problem : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... Parts>
[[noreturn]] void fail(fmt::format_string<Parts...> form, Parts&&... parts) {
  throw problem(fmt::format(form, std::forward<Parts>(parts)...));
}

// Ctrl-C and its like set a flag, which is looked at between steps.
void watch_for_interrupts();  // SIGINT, SIGTERM, SIGHUP; SIGPIPE is ignored
bool interrupted() noexcept;

void rest(std::chrono::milliseconds duration);  // sleeps, but not beyond an interrupt

}  // namespace scanhost::demo
