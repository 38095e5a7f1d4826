// SPDX-License-Identifier: Apache-2.0
//
// Arguments -> a command -> an exit code.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "base/errno_text.hpp"
#include "base/exit_code.hpp"
#include "base/non_blocking_output.hpp"
#include "base/standard_streams.hpp"
#include "boot/early_signals.hpp"
#include "commands/command_line.hpp"
#include "plugin/probe_child.hpp"
#include "verify/verify.hpp"

// Read by jemalloc, where the host is linked with it. Each cycle makes and frees many small things at once,
// for which glibc's malloc takes its slow path. One thread a scanner, each of them small: an arena for each
// would cost more memory than it saves time; and each thread keeps only a few objects of each small size for
// itself, which is enough for a scan and saves 2 MiB.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "narenas:1,dirty_decay_ms:500,muzzy_decay_ms:0,tcache_max:2048,tcache_nslots_small_min:16,tcache_nslots_small_max:32";
}

int main(int argc, char** argv) try {
  if (argc > 1 && std::strcmp(argv[1], "run") == 0) scanhost::boot::hold_signals();
  if (!scanhost::base::open_missing_standard_streams()) {
    std::fprintf(stderr, "scanhost: cannot open /dev/null: %s\n", scanhost::base::errno_text(errno).c_str());
    return static_cast<int>(scanhost::base::exit_code::os);
  }
  if (argc > 1 && std::strcmp(argv[1], "--probe") == 0) return scanhost::plugin::run_probe(argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "--verify") == 0) return scanhost::verify::run_check(argc, argv);
  const int code = scanhost::commands::run_command_line(argc, argv);
  scanhost::base::standard_error().flush(scanhost::base::max_wait_at_exit);
  return code;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "scanhost: internal error, please report it: %s\n", problem.what());
  return static_cast<int>(scanhost::base::exit_code::software);
}
