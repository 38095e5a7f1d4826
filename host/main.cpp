// SPDX-License-Identifier: Apache-2.0
//
// Arguments -> a command -> an exit code.
#include <malloc.h>

#include <cstdio>
#include <cstring>
#include <exception>

#include "base/exit_code.hpp"
#include "commands/command_line.hpp"
#include "plugin/loader.hpp"

int main(int argc, char** argv) try {
  // One thread a scanner, each of them small: an arena for each would cost more memory than it saves time.
  mallopt(M_ARENA_MAX, 2);
  if (argc > 1 && std::strcmp(argv[1], "--probe") == 0) return scanhost::plugin::run_probe(argc, argv);
  return scanhost::commands::run_command_line(argc, argv);
} catch (const std::exception& problem) {
  std::fprintf(stderr, "scanhost: this should not have happened: %s\n", problem.what());
  return static_cast<int>(scanhost::base::exit_code::software);
}
