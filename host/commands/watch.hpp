// SPDX-License-Identifier: Apache-2.0
//
// Shows a text again and again, until Ctrl-C or an error.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/exit_code.hpp"
#include "commands/terminal.hpp"

namespace scanhost::commands {

// What is written to a terminal to show a text in place of the one before: from the top, lines that are too
// long cut off by the terminal, and at most as many as it has rows. Pure.
std::string frame_of(std::string_view text, std::size_t rows);

// `draw` is called every `period`; each text follows the last where standard output is no terminal. Ctrl-C
// (SIGINT) ends the process with 0 at once, also while `draw` waits. Returns the exit code of the first
// error, which is reported.
base::exit_code watch(base::milliseconds period,
                      const std::function<base::result<std::string>(const terminal&)>& draw);

}  // namespace scanhost::commands
