// SPDX-License-Identifier: Apache-2.0
//
// The command line: which command, with which request.
#pragma once

namespace scanhost::commands {

// Parses, runs the command and returns the exit code. `--help` and `--version` answer on standard output.
int run_command_line(int argc, char** argv);

}  // namespace scanhost::commands
